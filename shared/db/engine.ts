import type { Sql } from "./sql.ts";

/** A row as the driver gives it: a plain object with the selected columns and nothing else. */
export type Row = Record<string, unknown>;

/** What one statement of a batch did. `rows` are those of a SELECT or of RETURNING. */
export interface Result<R = Row> {
  readonly rows: readonly R[];
  readonly changes: number;
}

type Maybe<T> = T | Promise<T>;

/**
 * What differs between a file and a server: the part of `Database` below tracing, group commit and listeners. All
 * methods fail with `DatabaseError`; an engine that answers in the same turn need not make a promise of it.
 */
export interface Engine {
  readonly kind: "file" | "http";
  /** Rows of one statement that reads. */
  rows(statement: Sql): Maybe<Row[]>;
  /** Rows of several statements in one snapshot. */
  snapshot(statements: readonly Sql[]): Maybe<Row[][]>;
  /** One atomic batch. A server decides for itself what `relaxed` is worth. */
  transaction(statements: readonly Sql[], relaxed: boolean): Maybe<Result[]>;
  /** Rows of one statement that may take long. */
  scan(statement: Sql): Maybe<Row[]>;
  /** Calls back soon after another process has written. Returns the way to stop. Absent where that cannot be seen. */
  onForeignWrite?(listener: () => void): () => void;
  /** How often something had to wait because another process had locked the database. */
  waits(): number;
  /** Why nothing that is written now would last, such as a file that was replaced; undefined when that is not known. */
  lost(): string | undefined;
  /**
   * Moves what the write-ahead log holds into the file and empties the log, so that what was deleted is in neither. Absent
   * where a server sees to that.
   *
   * @returns whether it was done; false while somebody reads an older state
   */
  checkpoint?(): boolean;
  close(): void;
}
