import type { StoaError } from "@stoa/errors";

/**
 * The answer to a failure: `application/problem+json`.
 *
 * Source: RFC 9457, section 3.
 */
export function problem(
  error: StoaError,
  path: string,
  request_id: string,
  standing: Readonly<Record<string, string>>,
): Response {
  const headers = new Headers({ ...standing, ...error.headers });
  headers.set("content-type", "application/problem+json");
  // RFC 9110, section 15.5.2: every 401 says how to authenticate.
  if (error.status === 401) headers.set("www-authenticate", "Bearer");
  const document = {
    ...error.members,
    type: `/docs/errors#${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    instance: path,
    error_code: error.code,
    request_id,
    ...(error.errors && { errors: error.errors }),
  };
  return new Response(JSON.stringify(document), { status: error.status, headers });
}
