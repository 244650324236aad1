import type { Handle } from "./listen.ts";

/** The peers of the requests under way: known to the socket, asked for when a request arrives. */
export interface Addresses {
  /** What `HttpDeps.addressOf` is. */
  of(request: Request): string | undefined;
  /** Notes the peer of each request before it goes on. */
  noting(handle: (request: Request) => Response | Promise<Response>): Handle;
}

/** Keeps addresses for as long as their requests live. */
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
