import { timeOf } from "@stoa/db";
import type { StoreDeps } from "@stoa/journal";
import { Bell } from "./bell.ts";

/** Reads a projection again when an event that another service has just appended may not be applied yet. */
export interface ReadYourWrites {
  /**
   * Looks something up in a projection. After a miss it looks again after each applied batch, for at most 1 s.
   *
   * @param look returns undefined for a miss
   * @param id the id (UUIDv7) that is looked up: it waits only for ids made less than 10 s ago. Leave it out for names,
   *   whose age is unknown.
   * @returns what was found, or undefined
   */
  lookup<T>(look: () => Promise<T | undefined>, id?: string): Promise<T | undefined>;
  /** Waits until a condition on a projection holds, as long as `lookup` does. Returns whether it holds. */
  waitFor(condition: () => Promise<boolean>, id?: string): Promise<boolean>;
}

/** What commands are run with that look up what another service may have written a moment ago: users, projects. */
export interface PeopleDeps extends StoreDeps {
  readonly readYourWrites: ReadYourWrites;
}

/** How long and for what to wait; times are milliseconds. */
export interface ReadYourWritesOptions {
  /** Subscribes to applied batches. Returns the function that unsubscribes. */
  readonly onApplied: (listener: () => void) => () => void;
  readonly now?: () => number;
  readonly maxWaitMs?: number;
  readonly maxAgeMs?: number;
  /** How many requests may wait at a time; a further one gets its first result at once. */
  readonly maxWaiters?: number;
}

/**
 * Lets a client read through one service what it has just written through another, without a request between the
 * services. It runs on Bun and on Workers.
 */
export function readYourWrites(options: ReadYourWritesOptions): ReadYourWrites {
  const { onApplied, now = Date.now, maxWaitMs = 1_000, maxAgeMs = 10_000, maxWaiters = 100 } = options;
  let waiters = 0;

  const worthWaiting = (id: string | undefined) => {
    if (waiters >= maxWaiters) return false;
    return id === undefined || Math.abs(now() - timeOf(id)) < maxAgeMs;
  };

  async function lookup<T>(look: () => Promise<T | undefined>, id?: string): Promise<T | undefined> {
    const first = await look();
    if (first !== undefined || !worthWaiting(id)) return first;
    waiters++;
    // A ring while `look` runs ends the next wait at once, so no applied batch is missed.
    const applied = new Bell();
    const stop = onApplied(applied.ring);
    const end = now() + maxWaitMs;
    try {
      // It looks again at once, because a batch may have been applied between the first look and the subscription.
      for (let left = maxWaitMs; ; left = end - now()) {
        const found = await look();
        if (found !== undefined || left <= 0) return found;
        await applied.wait(left);
      }
    } finally {
      stop();
      waiters--;
    }
  }

  return {
    lookup,
    waitFor: async (condition, id) => (await lookup(async () => (await condition()) || undefined, id)) ?? false,
  };
}
