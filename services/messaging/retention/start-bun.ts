import type { Logger } from "@stoa/http";
import { periodically } from "@stoa/runtime/periodic";
import type { StoreDeps } from "../deps.ts";
import { eraseMessages } from "./erase.ts";
import { expireMessages, type RetentionDays } from "./expire.ts";

/** How soon an erasure of messages begins. */
const ERASING_MS = 1_000;
/** How often old messages are looked for: they are old by days. */
const RETENTION_MS = 600_000;

/**
 * Lets messages go whose sender wants it, and those that are too old.
 *
 * @param days null: messages are kept
 * @returns a function that stops it, between two writes
 */
export function startRetention(deps: StoreDeps, days: RetentionDays | null, log: Logger): () => Promise<void> {
  let stopping = false;
  const stops = () => stopping;
  const turns = [periodically(ERASING_MS, "erasure of messages", () => eraseMessages(deps, stops), log)];
  if (days) turns.push(periodically(RETENTION_MS, "retention", () => expireMessages(deps, days, stops), log));
  return async () => {
    stopping = true;
    await Promise.all(turns.map((stop) => stop()));
  };
}
