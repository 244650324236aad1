import type { Principal } from "@stoa/auth";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { HttpDeps } from "./deps.ts";
import type { Limits, Verdict } from "./limits.ts";
import type { OperationSpec } from "./operation.ts";
import type { Timer } from "./receive.ts";

/** What the service knows of one request, from its arrival to its log line: `state` in Elysia's context. */
export interface RequestState {
  readonly verify: HttpDeps["verify"];
  readonly limits: Limits;
  readonly timer: Timer;
  /** Whether a path is one without parameters. */
  readonly isFixed: (path: string) => boolean;
  readonly request: Request;
  /** Whether it came by a path of older clients, which are read leniently. */
  readonly older: boolean;
  readonly request_id: string;
  readonly traceparent: string;
  /** The client's address, behind trusted proxies too. */
  readonly address: () => string | undefined;
  /** From `performance.now()`. */
  readonly started: number;
  /** Undefined until the route is found, and for routes of plugins. */
  operation: OperationSpec | undefined;
  principal: Principal | null;
  /** The limit that applies: the `RateLimit` and `RateLimit-Policy` of the answer. */
  limit: Verdict | undefined;
  /** What is answered instead of the handler's result. */
  failure: StoaError | undefined;
}

const DEVICE_LENGTH = 255;

/** Who and what caused the changes of a request. Where from is read when it is asked for, which a read never does. */
export function causeOf({ request, request_id, traceparent, address, principal }: RequestState): Cause {
  return {
    actor_id: principal?.user_id ?? null,
    session_id: principal?.session_id ?? null,
    request_id,
    traceparent,
    get ip_address() {
      return address() ?? null;
    },
    get device_info() {
      return request.headers.get("user-agent")?.slice(0, DEVICE_LENGTH) ?? null;
    },
  };
}
