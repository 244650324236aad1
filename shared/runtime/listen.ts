import type { Server } from "bun";
import { GRACE_MS } from "./shutdown.ts";

/** The answer to one request; `address` is the peer's, without its port. */
export type Handle = (request: Request, address: string | undefined) => Response | Promise<Response>;

/** A socket that takes requests. */
export interface Listener {
  readonly port: number;
  /** Takes no new connections, waits up to the grace for what runs, then cuts what is left. */
  stop(): Promise<void>;
}

/** Past this Bun answers by itself, with nothing: 413 is the macro `operation`'s to say, which reads no body that is too large. */
const LARGEST_BODY = Number.MAX_SAFE_INTEGER;

/**
 * Seconds without a byte either way until a connection is cut: a body that never comes is not waited for. Event streams
 * send heartbeats, and proxies before us (Caddy: two minutes) let go of a quiet connection first.
 */
const IDLE_SECONDS = 180;

/** Where to listen, and what for. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly handle: Handle;
  /** Milliseconds that running requests get once it stops; {@link GRACE_MS} unless given. */
  readonly grace_ms?: number;
  /** {@link IDLE_SECONDS} unless given; at most 255. */
  readonly idle_seconds?: number;
}

/** Serves HTTP. */
export function listen(options: ListenOptions): Listener {
  const server: Server<undefined> = Bun.serve({
    hostname: options.host,
    port: options.port,
    idleTimeout: options.idle_seconds ?? IDLE_SECONDS,
    maxRequestBodySize: LARGEST_BODY,
    fetch: (request, self) => options.handle(request, self.requestIP(request)?.address),
  });
  return {
    port: server.port ?? options.port,
    stop: async () => {
      const cut = setTimeout(() => server.stop(true), options.grace_ms ?? GRACE_MS);
      await server.stop(false);
      clearTimeout(cut);
    },
  };
}
