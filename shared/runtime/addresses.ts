import type { SocketPeer } from "@stoa/http/socket";
import type { Server } from "bun";

/** The client addresses of the requests under way, which their server knows, and `HttpDeps.addressOf` needs. */
export interface Addresses {
  /** The IP address, without its port, of the client or proxy that connected; this is `HttpDeps.addressOf`. */
  of(request: Request): string | undefined;
  /** Says for whom a request is that was made in this process. Returns that request. */
  note(request: Request, address: string | undefined): Request;
  /** Called with the server, before it answers a request. */
  serveBy(server: Server<SocketPeer>): void;
}

/** Those of a server that is not there yet when the services are made. */
export function addresses(): Addresses {
  let server: Server<SocketPeer> | undefined;
  const noted = new WeakMap<Request, string>();
  return {
    of: (request) => noted.get(request) ?? server?.requestIP(request)?.address,
    note: (request, address) => {
      if (address !== undefined) noted.set(request, address);
      return request;
    },
    serveBy: (its) => {
      server = its;
    },
  };
}
