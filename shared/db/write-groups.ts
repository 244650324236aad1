import type { Result } from "./engine.ts";
import { DatabaseError } from "./errors.ts";
import type { Sql } from "./sql.ts";

/** How a batch is written. */
export interface WriteOptions {
  /**
   * May be lost when the machine loses power, with all that was written after it and before the next durable batch;
   * never by a process that dies. Only for what can be made again from elsewhere: a projection with its cursor.
   */
  readonly relaxed?: boolean;
}

/** Sends batches of statements, those that come at the same time as one transaction. */
export type SendWrites = (statements: readonly Sql[], options?: WriteOptions) => Promise<Result[]>;

/** How writes are grouped. */
export interface WriteGroupOptions {
  /** How many transactions may be on their way at a time. */
  readonly width: number;
  /** How many batches one transaction may have. */
  readonly most: number;
  /** How many batches may wait; a further one is refused as `unavailable`. */
  readonly depth: number;
}

interface Waiting {
  readonly statements: readonly Sql[];
  readonly options: WriteOptions;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: batches that arrive in the same turn of the event loop, or while others are on their way, share one
 * transaction, and so one flush to the disk or one round trip. They run in the order they came, each as if alone: when
 * a statement is refused nothing of the group is written, and each batch is sent again by itself, so that only the one
 * at fault fails. A group is relaxed only if all of it is.
 *
 * Source: Gawlick and Kinkade, "Varieties of Concurrency Control in IMS/VS Fast Path", 1985 (group commit).
 *
 * @param send sends one transaction; it rejects with DatabaseError
 */
export function writeGroups(send: SendWrites, { width, most, depth }: WriteGroupOptions): SendWrites {
  const waiting: Waiting[] = [];
  let running = 0;
  let called = false;

  /** Sends a group in the next turn of the event loop, when the batches of this turn are waiting too. */
  const call = () => {
    if (called || running >= width || waiting.length === 0) return;
    called = true;
    setImmediate(() => {
      called = false;
      running++;
      void sendGroup(send, waiting.splice(0, most)).then(() => {
        running--;
        call();
      });
      call();
    });
  };

  return (statements, options = {}) => {
    if (waiting.length >= depth) {
      return Promise.reject(new DatabaseError("unavailable", new Error("Too many writes wait for the database.")));
    }
    return new Promise((resolve, reject) => {
      waiting.push({ statements, options, resolve, reject });
      call();
    });
  };
}

/** Settles every batch of the group, and never rejects itself. */
async function sendGroup(send: SendWrites, group: readonly Waiting[]): Promise<void> {
  try {
    const relaxed = group.every(({ options }) => options.relaxed);
    const results = await send(
      group.flatMap(({ statements }) => statements),
      { relaxed },
    );
    let at = 0;
    for (const { statements, resolve } of group) {
      resolve(results.slice(at, at + statements.length));
      at += statements.length;
    }
  } catch (error) {
    const refused = error instanceof DatabaseError && (error.failure === "constraint" || error.failure === "other");
    if (group.length === 1 || !refused) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { statements, options, resolve, reject } of group) await send(statements, options).then(resolve, reject);
  }
}
