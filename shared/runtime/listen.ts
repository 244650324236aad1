import { StoaError } from "@stoa/errors";
import type { HttpDeps } from "@stoa/http";
import { securityHeaders } from "@stoa/http/headers";
import { problem } from "@stoa/http/problem";
import type { SocketPeer } from "@stoa/http/socket";
import { requestId } from "@stoa/http/trace";
import type { Server } from "bun";
import type { Addresses } from "./addresses.ts";
import { GRACE_MS } from "./shutdown.ts";
import { type Sockets, socketHandler } from "./sockets.ts";

/** Answers one request. */
export type Handle = (request: Request) => Response | Promise<Response>;

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
  /** How many requests and streams may be in flight; what comes beyond is answered 503. No limit by default. */
  readonly cap?: RequestCap;
  /** What makes WebSockets of requests; none are made without it. */
  readonly sockets?: Sockets;
  /** What is asked for the addresses of clients. */
  readonly addresses?: Addresses;
}

/** A limit of what is in flight. */
export interface RequestCap {
  readonly most: number;
  /** Whose log is told, and whose settings the headers of the refusal follow. */
  readonly http: Pick<HttpDeps, "log" | "csp_mode" | "environment">;
}

/** Serves HTTP. */
export function listen(options: ListenOptions): Listener {
  const refusal = options.cap && refuser(options.cap);
  const server: Server<SocketPeer> = Bun.serve({
    hostname: options.host,
    port: options.port,
    idleTimeout: options.idle_seconds ?? IDLE_SECONDS,
    maxRequestBodySize: LARGEST_BODY,
    fetch: (request, self) =>
      refusal?.(request, self.pendingRequests + self.pendingWebSockets) ?? options.handle(request),
    websocket: socketHandler,
  });
  options.sockets?.serveBy(server);
  options.addresses?.serveBy(server);
  return {
    port: server.port ?? options.port,
    stop: async () => {
      const cut = setTimeout(() => server.stop(true), options.grace_ms ?? GRACE_MS);
      await server.stop(false);
      clearTimeout(cut);
    },
  };
}

const WARN_EVERY_MS = 60_000;

/**
 * Refuses what is beyond the cap, this request counted. Whether the process lives is always answered: a supervisor that
 * restarted it for being busy would make it worse. One line a minute is logged, not one a request.
 */
function refuser({ most, http }: RequestCap): (request: Request, inFlight: number) => Response | undefined {
  const standing = Object.fromEntries(securityHeaders(http));
  let warned = Number.NEGATIVE_INFINITY;
  return (request, inFlight) => {
    if (inFlight <= most) return undefined;
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/health/live") return undefined;
    const now = performance.now();
    if (now - warned >= WARN_EVERY_MS) {
      warned = now;
      http.log.warn({ most }, "As many requests and streams are in flight as may be; others are refused.");
    }
    const busy = new StoaError("unavailable", {
      detail: "The server is answering as many requests as it can; try again after the time in Retry-After.",
      headers: { "retry-after": "1" },
    });
    const id = requestId(request.headers.get("x-request-id"));
    return problem(busy, pathname, id, { ...standing, "x-request-id": id });
  };
}
