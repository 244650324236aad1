import type { Row } from "./engine.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";
import type { ScanAnswer, ScanRequest } from "./scan-worker-bun.ts";
import type { Sql } from "./sql.ts";
import { bindable } from "./statements-bun.ts";

/** Long reads that may wait for the thread; one more is refused as `unavailable`. */
const depth = 100;

/** The thread's file. In an executable, entry points have their paths from the root of the build. */
const workerFile = import.meta.path.endsWith("scanner-bun.ts")
  ? new URL("./scan-worker-bun.ts", import.meta.url).href
  : "./shared/db/scan-worker-bun.ts";

interface Waiting {
  readonly resolve: (rows: Row[]) => void;
  readonly reject: (error: DatabaseError) => void;
}

/**
 * Runs long reads of one file on a thread, so that the event loop is free meanwhile. The thread starts with the first
 * of them and lives until `close`; when it dies its reads fail as `unavailable` and the next one starts another.
 *
 * None can be interrupted, and one holds up the next, so read much in slices.
 */
export class Scanner {
  readonly #path: string;
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #count = 0;

  /** @param file of the thread; another one in tests */
  constructor(path: string, file: string = workerFile) {
    this.#path = path;
    this.#file = file;
  }

  scan(statement: Sql): Promise<Row[]> {
    if (this.#waiting.size >= depth) {
      throw new DatabaseError("unavailable", new Error("Too many long reads wait for the database."));
    }
    const id = ++this.#count;
    const worker = this.#worker ?? this.#start();
    return new Promise((resolve, reject) => {
      try {
        this.#send(worker, { id, sql: statement.sql, args: bindable(statement) });
        this.#waiting.set(id, { resolve, reject });
      } catch (error) {
        reject(toDatabaseError(error));
      }
    });
  }

  /**
   * What waits fails as `unavailable`; the thread ends after the read that it is at.
   *
   * @returns when its connection is closed
   */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#forget(new Error("The database was closed."));
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.addEventListener("close", () => resolve()));
    this.#send(worker, {});
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(this.#file);
    worker.unref();
    worker.addEventListener("message", ({ data }: MessageEvent<ScanAnswer>) => this.#settle(data));
    worker.addEventListener("error", ({ message }) => this.#died(worker, message));
    worker.addEventListener("close", () => this.#died(worker, "it ended"));
    this.#worker = worker;
    this.#send(worker, { path: this.#path });
    return worker;
  }

  #send(worker: Worker, request: ScanRequest): void {
    worker.postMessage(request);
  }

  #settle(answer: ScanAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("rows" in answer) waiting?.resolve(answer.rows as Row[]);
    else waiting?.reject(toDatabaseError(Object.assign(new Error(answer.message), { code: answer.code })));
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker === worker) this.#forget(new Error(`The thread of long reads died: ${reason}`));
  }

  #forget(error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new DatabaseError("unavailable", error));
    this.#waiting.clear();
  }
}
