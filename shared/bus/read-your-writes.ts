import { timeOf } from "@stoa/db";
import { Bell } from "./pause.ts";

/** Looks again for what another service may have said a moment ago. */
export interface ReadYourWrites {
  /**
   * Looks something up in a projection. A miss is looked up again after each applied batch, at most 1 s.
   *
   * @param look returns undefined for a miss.
   * @param id what is looked for: only an id (UUIDv7) made less than 10 s ago is worth waiting for. Leave it out for
   *   names, which do not tell their age.
   * @returns what was found, or undefined.
   */
  lookup<T>(look: () => Promise<T | undefined>, id?: string): Promise<T | undefined>;
  /** Waits until a condition on a projection holds, looking as `lookup` does. Returns whether it came to hold. */
  waitFor(condition: () => Promise<boolean>, id?: string): Promise<boolean>;
}

/** Bounds of waiting; milliseconds. */
export interface ReadYourWritesOptions {
  /** Subscribes to applied batches; returns the way to stop. */
  readonly onApplied: (listener: () => void) => () => void;
  readonly now?: () => number;
  readonly maxWaitMs?: number;
  readonly maxAgeMs?: number;
  /** Requests that may wait at a time; one more is answered at once. */
  readonly maxWaiters?: number;
}

/** Reading one's own writes across services, without a hop: see architecture §5. Portable. */
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
    // A batch applied while this reader is busy is not lost.
    const applied = new Bell();
    const stop = onApplied(applied.ring);
    const end = now() + maxWaitMs;
    try {
      // Once more at once: a batch may have been applied between the first look and the subscription.
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
