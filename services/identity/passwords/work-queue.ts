/** Runs work with a bounded width, in order. */
export interface WorkQueue {
  /** @throws what `full` makes, when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** How wide and how long. */
export interface WorkQueueOptions {
  /** How many run at once. */
  readonly width: number;
  /** How many may wait. */
  readonly depth: number;
  /** The error of one more. */
  readonly full: () => Error;
}

/** A semaphore with a bounded queue. */
export function workQueue({ width, depth, full }: WorkQueueOptions): WorkQueue {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(work) {
      if (running >= width) {
        if (waiting.length >= depth) throw full();
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
