import { DatabaseError } from "@stoa/db";

/**
 * What to do about a database that cannot be used now, in a line; undefined for any other error. A server has an address
 * and a token; of a file, SQLite says what is wrong: a full disk, rights that are missing, a lock.
 */
export function whyUnavailable(error: unknown): string | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  if (error.failure !== "unavailable" && error.failure !== "unknown_outcome") return undefined;
  const cause: unknown = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code.startsWith("SQLITE_")
    ? `The database file cannot be used now: ${error.message} (${code}).`
    : `The database${error.server === undefined ? "" : ` at ${error.server}`} does not answer; check its address and token, then run this again.`;
}
