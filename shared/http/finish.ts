import type { ErrorCode, StoaError } from "@stoa/errors";
import type { HTTPHeaders } from "elysia/types";
import { createCors } from "./cors.ts";
import type { HttpDeps } from "./deps.ts";
import { receivedOf } from "./head.ts";
import { describeError, type LogFields } from "./log.ts";
import type { RequestState } from "./request-state.ts";
import { traceIdOf } from "./trace.ts";

/**
 * Ends a request: the headers that depend on it, then one log line.
 *
 * @param headers of the answer so far
 * @param route as declared: `/api/v1/tasks/:id`
 */
export type Finish = (state: RequestState, headers: HTTPHeaders, status: number, route: string | undefined) => void;

/** What a cache may do with an answer to somebody: RFC 9111, sections 5.2.2.7 and 5.2.2.4. */
const PRIVATE = "private, no-cache";

/** @param http whose settings say who may read answers, and where to log */
export function finisher({ cors_origins, log }: HttpDeps): Finish {
  const cors = createCors(cors_origins);
  return (state, headers, status, route) => {
    headers["x-request-id"] = state.request_id;
    if (state.limit) {
      headers["ratelimit"] = state.limit.state;
      headers["ratelimit-policy"] = state.limit.policy;
    }
    const { operation, principal, failure } = state;
    if (operation?.secret) headers["cache-control"] = "no-store";
    // What one user is told is kept for nobody else, and asked for again: rights end within a second. A refusal names its request.
    else if (failure || principal || (operation && operation.access !== "anyone")) headers["cache-control"] ??= PRIVATE;
    const origin = state.request.headers.get("origin");
    if (origin !== null) cors.answer(headers, origin);
    if (isFault(failure, status)) log.error(fieldsOf(state, status, route), "request");
    else log.info(fieldsOf(state, status, route), "request");
  };
}

/** Codes of a refusal that follows from how Stoa is deployed: anybody may cause them, and nobody can mend them by the log. */
const deployed: readonly ErrorCode[] = ["not_implemented", "not_configured"];

function isFault(failure: StoaError | undefined, status: number): boolean {
  return status >= 500 && !(failure && deployed.includes(failure.code));
}

function fieldsOf(state: RequestState, status: number, route: string | undefined): LogFields {
  const { failure, principal } = state;
  return {
    request_id: state.request_id,
    user_id: principal?.user_id,
    session_id: principal?.session_id,
    trace_id: traceIdOf(state.traceparent),
    method: receivedOf(state.request).method,
    // The pattern, not the path: ids and what else clients put in paths stay out of the log.
    route,
    status,
    ms: Math.round((performance.now() - state.started) * 100) / 100,
    error_code: failure?.code,
    err: failure && isFault(failure, failure.status) ? describeError(failure.cause ?? failure) : undefined,
  };
}
