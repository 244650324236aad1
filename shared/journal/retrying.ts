import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";

/** Milliseconds for which a command is decided anew before its client is told to come back. */
const PATIENCE_MS = 10_000;
/** The longest wait between two tries; the first ones are shorter, doubling from 2 ms. */
const LONGEST_WAIT_MS = 200;

/**
 * Runs a command until its guards hold. Each try reads again, so that it also finds out why they did not: what is
 * gone, forbidden or in conflict throws; what merely moved is decided anew.
 *
 * The first try takes its chance. When it fails, or others are in line already, the command takes its turn among those
 * of this process that contend for the same thing, so that none starves; other processes are met with jittered waits.
 * A command never retries inside another one of the same key: it would wait for itself.
 *
 * Source: Brooker, "Exponential Backoff and Jitter", 2015 (full jitter).
 *
 * @param key what commands contend for: `order <project>`, `conversation <id>`
 * @param attempt returns undefined when its guards did not hold
 * @param patience milliseconds
 * @throws StoaError `unavailable` when others were faster all that time.
 */
export async function retrying<T>(
  db: Pick<Database, "turns">,
  key: string,
  attempt: () => Promise<T | undefined>,
  patience = PATIENCE_MS,
): Promise<T> {
  if (!db.turns.taken(key)) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  const end = performance.now() + patience;
  return db.turns.take(key, () => persist(attempt, end));
}

async function persist<T>(attempt: () => Promise<T | undefined>, end: number): Promise<T> {
  for (let wait = 2; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (performance.now() > end) break;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * wait));
  }
  throw new StoaError("unavailable", {
    detail: "Too many others are changing this right now; try again.",
    headers: { "retry-after": "1" },
  });
}
