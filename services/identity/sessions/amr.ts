import type { SessionRow } from "./table.ts";

/**
 * How a session was authenticated, as its access tokens say it: by a password, ours or a directory's (`pwd`), and by a
 * one-time code, of the app or a recovery code (`otp`), which makes it multi-factor (`mfa`).
 *
 * Source: RFC 8176, section 2.
 */
export function amrOf({ second_factor }: Pick<SessionRow, "second_factor">): string[] {
  return second_factor === null ? ["pwd"] : ["pwd", "otp", "mfa"];
}
