import { type Database, pause } from "@stoa/db";
import { StoaError } from "@stoa/errors";

/** How long a command is retried before its client is told to come back; milliseconds. */
const PATIENCE_MS = 10_000;
/** The longest wait between two tries, in milliseconds; the first waits are shorter and double from 2 ms. */
const LONGEST_WAIT_MS = 200;

/**
 * Runs a command until its guards hold. Each try reads again and so finds out why they did not hold: it throws when the
 * resource is gone, forbidden or in conflict, and decides again when something else has merely changed it.
 *
 * The first try runs at once. When it fails, or other commands are queued already, the command queues with those of
 * this process that contend for the same thing, so that none starves. Against other processes it waits with jitter.
 * Never retry inside another retried command of the same key: it would wait for itself.
 *
 * Source: Brooker, "Exponential Backoff and Jitter", 2015 (full jitter).
 *
 * @param key what commands contend for: `order <project>`, `conversation <id>`
 * @param attempt returns undefined when its guards did not hold
 * @param patience milliseconds
 * @throws StoaError `unavailable` when other commands were faster all that time
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
    await pause(Math.random() * wait);
  }
  throw new StoaError("unavailable", {
    detail: "Too many requests are changing this at the moment; try again.",
    headers: { "retry-after": "1" },
  });
}
