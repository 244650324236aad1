import { Database, type SQLQueryBindings } from "bun:sqlite";

/**
 * The thread that long reads run on: a read-only connection of its own, one statement after another. An entry point:
 * `bun build --compile` needs it named beside the main one.
 */
declare const self: Worker;

/** What the thread is asked: first for the file, then for rows; without either, to end. */
export interface ScanRequest {
  readonly path?: string;
  readonly id?: number;
  readonly sql?: string;
  readonly args?: readonly SQLQueryBindings[];
}

/** What it answers: rows, or an error's message and SQLite's code of it. */
export type ScanAnswer =
  | { readonly id: number; readonly rows: readonly Record<string, unknown>[] }
  | { readonly id: number; readonly message: string; readonly code: string };

/** How long a read waits for another process's lock; milliseconds. Nothing but this thread stands still meanwhile. */
const BUSY_TIMEOUT_MS = 1_000;

let path = "";
let db: Database | undefined;

self.onmessage = ({ data }: MessageEvent<ScanRequest>) => {
  if (data.path !== undefined) {
    path = data.path;
  } else if (data.id !== undefined) {
    self.postMessage(answer(data.id, data.sql ?? "", data.args ?? []));
  } else {
    db?.close(true);
    process.exit(0);
  }
};

function answer(id: number, sql: string, args: readonly SQLQueryBindings[]): ScanAnswer {
  try {
    db ??= open();
    using statement = db.prepare(sql);
    return { id, rows: statement.all(...args) as Record<string, unknown>[] };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { id, message: error instanceof Error ? error.message : String(error), code };
  }
}

function open(): Database {
  const opened = new Database(path, { readonly: true });
  opened.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  opened.run("pragma temp_store = memory");
  return opened;
}
