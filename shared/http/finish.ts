import { createCors } from "./cors.ts";
import type { HttpDeps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import { securityHeaders } from "./headers.ts";
import { describeError } from "./log.ts";
import { traceIdOf } from "./trace.ts";

/** Ends a request: the headers of every answer, then one log line. */
export type Finish = (
  exchange: Exchange,
  received: Request,
  answer: unknown,
) => Response | Promise<Response> | undefined;

/** @param http whose settings make the headers that are always the same, once */
export function finisher(http: HttpDeps): Finish {
  const standing = securityHeaders(http);
  const cors = createCors(http.cors_origins);
  return (exchange, received, answer) => {
    if (!(answer instanceof Response)) {
      // A socket took over (101): there is nothing to answer.
      line(http, exchange, received, 101);
      return undefined;
    }
    const response = identified(answer, exchange.request_id);
    const { headers } = response;
    for (const [name, value] of standing) if (!headers.has(name)) headers.set(name, value);
    if (exchange.limit) {
      headers.set("ratelimit", exchange.limit.state);
      headers.set("ratelimit-policy", exchange.limit.policy);
    }
    if (exchange.route?.operation?.secret) headers.set("cache-control", "no-store");
    const origin = received.headers.get("origin");
    if (origin !== null) cors.answer(headers, origin);
    const upgraded = exchange.route?.method === "WS" && response.status === 200;
    line(http, exchange, received, upgraded ? 101 : response.status);
    return received.method === "HEAD" ? headOf(response) : response;
  };
}

/** The answer with its request id; a copy where its headers are immutable (redirects and fetched answers on Workers). */
function identified(response: Response, request_id: string): Response {
  try {
    response.headers.set("x-request-id", request_id);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const copy = new Response(response.body, response);
    copy.headers.set("x-request-id", request_id);
    return copy;
  }
}

/**
 * The answer without its body, whose length it still says (RFC 9110, section 8.6) where it is JSON or a page: a stream
 * or a file is not made only to be measured. Of those it says that they come in chunks, as Bun would say 0 by itself.
 */
async function headOf(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (/json|html/.test(headers.get("content-type") ?? "")) {
    headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  } else if (response.body !== null) {
    await response.body.cancel();
    if (!headers.has("content-length")) headers.set("transfer-encoding", "chunked");
  }
  return new Response(null, { status, headers });
}

function line(http: HttpDeps, exchange: Exchange, received: Request, status: number): void {
  const fields = {
    request_id: exchange.request_id,
    user_id: exchange.principal?.user_id,
    session_id: exchange.principal?.session_id,
    trace_id: traceIdOf(exchange.traceparent),
    method: received.method,
    // The pattern, not the path: ids and what else clients put in paths stay out of the log.
    route: exchange.route?.pattern,
    status,
    ms: Math.round((performance.now() - exchange.started) * 100) / 100,
    error_code: exchange.error_code,
    err: exchange.failure === undefined ? undefined : describeError(exchange.failure),
  };
  if (status >= 500) http.log.error(fields, "request");
  else http.log.info(fields, "request");
}
