import { DatabaseError } from "./errors.ts";

/** Lets pieces of work that contend for the same thing take turns. */
export interface Turns {
  /** Whether work for this key is running or waiting: whoever comes now had better take a turn too. */
  taken(key: string): boolean;
  /**
   * Runs the work once all earlier work for the same key has ended, well or badly. Work never takes a turn for the key
   * that it runs under: it would wait for itself.
   *
   * @throws DatabaseError `unavailable` when too much work waits for the key already
   */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** What may wait for one key. */
const DEPTH = 1_000;

/**
 * Queues of one process, first come, first served, one for each key; a key without work takes no memory.
 *
 * @param shared false: no queues at all (Workers, where one request must not wait for another's promise)
 */
export function turns(shared: boolean): Turns {
  if (!shared) return { taken: () => false, take: (_, work) => work() };
  const queues = new Map<string, { last: Promise<unknown>; length: number }>();
  return {
    taken: (key) => queues.has(key),
    async take(key, work) {
      const queue = queues.get(key) ?? { last: Promise.resolve(), length: 0 };
      if (queue.length >= DEPTH) {
        throw new DatabaseError("unavailable", new Error("Too many requests wait to change the same thing."));
      }
      queues.set(key, queue);
      queue.length++;
      const turn = queue.last.then(work);
      // The next in the queue does not care how this one ends; its caller does, and gets `turn` itself.
      queue.last = turn.then(ignore, ignore);
      try {
        return await turn;
      } finally {
        queue.length--;
        if (queue.length === 0) queues.delete(key);
      }
    },
  };
}

const ignore = () => undefined;
