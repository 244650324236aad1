import type { Principal } from "@stoa/auth";
import type { Cause } from "@stoa/events";
import type { Route } from "./route-table.ts";

/** One request and what the front door found out about it; handed to the handler by way of {@link exchanges}. */
export interface Exchange {
  readonly request: Request;
  readonly path: string;
  readonly request_id: string;
  readonly traceparent: string;
  /** The client's address, behind trusted proxies too. */
  readonly address: string | undefined;
  /** From `performance.now()`. */
  readonly started: number;
  route: Route | undefined;
  principal: Principal | null;
  cause: Cause | undefined;
  body: unknown;
  query: Record<string, unknown> | undefined;
  /** The limit that applies: the `RateLimit` and `RateLimit-Policy` of the answer. */
  limit: { readonly state: string; readonly policy: string } | undefined;
  /** Of a failure, for the log line. */
  error_code: string | undefined;
  /** What really went wrong, for the log line: of a failure that is the server's. */
  failure: unknown;
}

/** What the front door knows of a request under way. Weak, so that nothing outlives its request. */
export const exchanges = new WeakMap<Request, Exchange>();
