import { StoaError } from "@stoa/errors";
import { whyUnavailable } from "./unavailable.ts";

/** What went wrong in a command, in a line or a few. */
export function explain(error: unknown): string {
  const unavailable = whyUnavailable(error);
  if (unavailable !== undefined) return unavailable;
  if (error instanceof StoaError) {
    const fields = (error.errors ?? []).map(({ path, message }) => `${path.slice(1)}: ${message}`);
    return fields.length > 0 ? fields.join("\n") : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
