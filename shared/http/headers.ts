import type { CspMode, HttpDeps } from "./deps.ts";

const policies: Readonly<Record<CspMode, string | undefined>> = {
  strict:
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'",
  relaxed:
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; " +
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
  disabled: undefined,
};

/** The headers of every answer that are always the same; made once. */
export function securityHeaders({
  csp_mode,
  environment,
}: Pick<HttpDeps, "csp_mode" | "environment">): readonly (readonly [string, string])[] {
  const policy = policies[csp_mode];
  return [
    ...(policy ? [["content-security-policy", policy] as const] : []),
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", "DENY"],
    ["referrer-policy", "no-referrer"],
    ...(environment === "production"
      ? [["strict-transport-security", "max-age=31536000; includeSubDomains"] as const]
      : []),
  ];
}
