import { StoaError } from "@stoa/errors";

/** Runs work with a bounded width. */
export interface WorkQueue {
  /** @throws StoaError `unavailable` with `Retry-After` when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * A semaphore with a bounded queue. Bun hashes passwords and verifies signatures in one pool of threads: as many
 * hashes as cores at once would make every other request wait for them.
 *
 * @param width how many run at once
 * @param depth how many may wait
 */
export function workQueue({ width, depth }: { width: number; depth: number }): WorkQueue {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(work) {
      if (running >= width) {
        if (waiting.length >= depth) {
          throw new StoaError("unavailable", {
            detail: "Too many logins at once; try again after the time in Retry-After.",
            headers: { "retry-after": "2" },
          });
        }
        // The one that ends hands its place on, so that nobody slips in between.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        running++;
      }
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
