import type { HTTPHeaders } from "elysia/types";

const exposed = [
  "ETag",
  "Location",
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Idempotent-Replayed",
].join(", ");

const taken = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "X-Request-Id",
  "Traceparent",
].join(", ");

/** Cross-origin answers, for explicit origins only. Tokens travel in a header, so credentials are never allowed. */
export interface Cors {
  /** The headers that let a page of this origin read an answer. */
  answer(headers: HTTPHeaders, origin: string): void;
  /** Answers an OPTIONS request. @param allow the methods of the path */
  preflight(request: Request, allow: string): Response;
}

/**
 * Source: WHATWG Fetch, section 3.2. Our own, because preflights name the methods of their path.
 */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins.map((origin) => origin.trim().replace(/\/$/, "")));
  const answer: Cors["answer"] = (headers, origin) => {
    headers["vary"] = headers["vary"] === undefined ? "Origin" : `${headers["vary"]}, Origin`;
    if (!allowed.has(origin)) return;
    headers["access-control-allow-origin"] = origin;
    headers["access-control-expose-headers"] = exposed;
  };
  return {
    answer,
    preflight: (request, allow) => {
      const headers = new Headers({ allow });
      const origin = request.headers.get("origin");
      if (origin !== null && allowed.has(origin) && request.headers.has("access-control-request-method")) {
        headers.set("access-control-allow-methods", allow);
        headers.set("access-control-allow-headers", taken);
        headers.set("access-control-max-age", "600");
      }
      return new Response(null, { status: 204, headers });
    },
  };
}
