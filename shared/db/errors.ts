/** What kind of failure a database had. */
export type DatabaseFailure =
  /** A constraint, a named CHECK or a trigger refused the statement. Nothing was written. */
  | "constraint"
  /** The database did not answer, or said that it cannot now (busy, full). Nothing was written by this call. */
  | "unavailable"
  /** The request went out and no answer came back: it may have been carried out. */
  | "unknown_outcome"
  /** Anything else: a programming error. */
  | "other";

/** A failure of the database. Its message may hold values; it is logged, never answered. */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";
  readonly failure: DatabaseFailure;
  /** Of a constraint: the CHECK's name, the trigger's message, or the columns (`users.email`) of a UNIQUE. */
  readonly constraint: string | undefined;
  /** Which statement of a batch failed, from 0. */
  readonly statementIndex: number | undefined;

  constructor(failure: DatabaseFailure, cause: unknown, constraint?: string, statementIndex?: number) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.failure = failure;
    this.constraint = constraint;
    this.statementIndex = statementIndex;
  }
}

/** Whether an error is this constraint refusing. */
export function violates(error: unknown, constraint: string): error is DatabaseError {
  return error instanceof DatabaseError && error.constraint === constraint;
}

/** Sorts a driver's error, also one that drizzle wrapped. */
export function toDatabaseError(error: unknown, statementIndex?: number): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const root = rootOf(error);
  const code = String(root["code"] ?? "");
  const message = String(root["message"] ?? error);
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    return new DatabaseError("constraint", error, constraintIn(message), statementIndex);
  }
  if (
    /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY)/.test(code) ||
    /\b(database is locked|disk is full)\b/.test(message)
  ) {
    return new DatabaseError("unavailable", error, undefined, statementIndex);
  }
  if (isTransport(root, code)) return new DatabaseError("unknown_outcome", error, undefined, statementIndex);
  return new DatabaseError("other", error, undefined, statementIndex);
}

function constraintIn(message: string): string {
  const named = /(?:CHECK|UNIQUE|NOT NULL) constraint failed: (?:index ')?([^']+?)'?$/.exec(message);
  if (named?.[1]) return named[1];
  return message.replace(/^.*?(?:SQLite error|SQLITE_CONSTRAINT\w*): /, "").trim();
}

function isTransport(root: Record<string, unknown>, code: string): boolean {
  const name = String(root["name"] ?? "");
  return (
    name === "TimeoutError" ||
    name === "AbortError" ||
    code === "SERVER_ERROR" ||
    code === "HRANA_CLOSED_ERROR" ||
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|UND_ERR)/.test(code) ||
    (root["name"] === "TypeError" && /fetch|network|connection/i.test(String(root["message"])))
  );
}

function rootOf(error: unknown): Record<string, unknown> {
  let current = error;
  for (let depth = 0; depth < 5; depth++) {
    if (!(current instanceof Error)) break;
    const code = (current as { code?: unknown }).code;
    if (typeof code === "string" && code !== "" && code !== "UNKNOWN") return current as never;
    if (!(current.cause instanceof Error)) break;
    current = current.cause;
  }
  return (current ?? {}) as Record<string, unknown>;
}
