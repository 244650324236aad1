import type { Handle } from "./listen.ts";

/** The client addresses of the requests under way. The socket knows them, and `HttpDeps.addressOf` needs them. */
export interface Addresses {
  /** The address of a request's client; this is `HttpDeps.addressOf`. */
  of(request: Request): string | undefined;
  /** Wraps a handler so that the address of each request is stored first. */
  noting(handle: (request: Request) => Response | Promise<Response>): Handle;
}

/** Keeps each address for as long as its request exists. */
export function addresses(): Addresses {
  const known = new WeakMap<Request, string>();
  return {
    of: (request) => known.get(request),
    noting: (handle) => (request, address) => {
      if (address !== undefined) known.set(request, address);
      return handle(request);
    },
  };
}
