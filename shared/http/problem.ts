import type { StoaError } from "@stoa/errors";
import type { Exchange } from "./exchange.ts";

/**
 * The answer to a failure: `application/problem+json`.
 *
 * Source: RFC 9457, section 3.
 */
export function problem(exchange: Pick<Exchange, "path" | "request_id">, error: StoaError): Response {
  const headers = new Headers({ ...error.headers });
  headers.set("content-type", "application/problem+json");
  // RFC 9110, section 15.5.2: every 401 says how to authenticate.
  if (error.status === 401) headers.set("www-authenticate", "Bearer");
  const document = {
    ...error.members,
    type: `/docs/errors#${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    instance: exchange.path,
    error_code: error.code,
    request_id: exchange.request_id,
    ...(error.errors && { errors: error.errors }),
  };
  return new Response(JSON.stringify(document), { status: error.status, headers });
}
