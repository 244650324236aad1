import type { MemoryRevocations } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { Logger } from "@stoa/http";
import { periodically } from "./periodic.ts";

/** How soon after an erasure the write-ahead log is emptied; milliseconds. */
const EVERY_MS = 5_000;
/** How often it is tried after each erasure: what follows from it is written within this time. */
const TIMES = 6;

/**
 * Empties a file's write-ahead log after somebody was erased, so that their name is in no file of the data folder while
 * Stoa goes on running.
 *
 * @returns a function that stops it
 */
export function forgetDeleted(
  db: Database,
  revocations: Pick<MemoryRevocations, "onChange">,
  log: Logger,
): () => Promise<void> {
  let left = 0;
  const stopListening = revocations.onChange(({ type }) => {
    if (type === "stoa.identity.user.erased.v1") left = TIMES;
  });
  const stopWork = periodically(
    EVERY_MS,
    "emptying the write-ahead log",
    async () => {
      if (left === 0) return;
      left--;
      db.checkpoint();
    },
    log,
  );
  return () => {
    stopListening();
    return stopWork();
  };
}
