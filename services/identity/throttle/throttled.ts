import { StoaError } from "@stoa/errors";

/** The refusal of whoever failed too often. */
export function throttledError(blocked_until: string, now: Date): StoaError {
  const seconds = Math.max(1, Math.ceil((Date.parse(blocked_until) - now.getTime()) / 1_000));
  return new StoaError("login_throttled", { headers: { "retry-after": String(seconds) } });
}
