import { DatabaseError } from "@stoa/db";
import { StoaError } from "@stoa/errors";

/** What went wrong in a command, in a line or a few. */
export function explain(error: unknown): string {
  if (error instanceof DatabaseError && (error.failure === "unavailable" || error.failure === "unknown_outcome")) {
    return "The database does not answer; check its address and token, then run this again.";
  }
  if (error instanceof StoaError) {
    const fields = (error.errors ?? []).map(({ path, message }) => `${path.slice(1)}: ${message}`);
    return fields.length > 0 ? fields.join("\n") : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
