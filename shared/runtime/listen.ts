import type { Server } from "bun";
import { GRACE_MS } from "./shutdown.ts";

/** Answers one request. `address` is the IP address of the client or proxy that connected, without its port. */
export type Handle = (request: Request, address: string | undefined) => Response | Promise<Response>;

/** A server that accepts requests. */
export interface Listener {
  readonly port: number;
  /** Accepts no new connections, lets running requests finish within the grace period, then closes what is left. */
  stop(): Promise<void>;
}

/**
 * Past its own limit Bun answers 413 without a body. We set none, because `shared/http` answers 413 as a problem document
 * and never reads a body that is too large.
 */
const LARGEST_BODY = Number.MAX_SAFE_INTEGER;

/**
 * Seconds without a byte in either direction after which a connection is closed, so that nobody waits for a body that
 * never comes. Event streams send heartbeats, and proxies in front of us (Caddy: two minutes) close idle connections
 * earlier.
 */
const IDLE_SECONDS = 180;

/** Where to listen, and what answers. */
export interface ListenOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly handle: Handle;
  /** How long running requests may go on after `stop`; milliseconds, {@link GRACE_MS} by default. */
  readonly grace_ms?: number;
  /** {@link IDLE_SECONDS} by default; at most 255. */
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
