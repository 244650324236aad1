/** Runs work with a bounded width, in order. */
export interface WorkQueue {
  /** @throws what `full` makes, when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** How much a queue runs and keeps. */
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
        // Work that ends gives its place to the next in the queue, so that none can overtake it.
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
