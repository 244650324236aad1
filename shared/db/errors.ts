/** What kind of failure a database had. */
export type DatabaseFailure =
  /** A constraint, a named CHECK or a trigger refused the statement. Nothing was written. */
  | "constraint"
  /** The database did not answer, or it is busy or full. This call has written nothing. */
  | "unavailable"
  /** A write was sent and no answer came back, so it may or may not have been carried out. */
  | "unknown_outcome"
  /** Anything else, which is a programming error. */
  | "other";

/** A failure of the database. Its message may hold values: it is logged and never sent to a client. */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";
  readonly failure: DatabaseFailure;
  /** The constraint that refused: the name of a CHECK, the message of a trigger, or the columns of a UNIQUE (`users.email`). */
  readonly constraint: string | undefined;
  /** Which statement of a batch failed, counted from 0. */
  readonly statementIndex: number | undefined;
  /** The host and port of the server that failed, for whoever has several; undefined for a file. */
  server: string | undefined;

  constructor(failure: DatabaseFailure, cause: unknown, constraint?: string, statementIndex?: number) {
    super(messageOf(cause), { cause });
    this.failure = failure;
    this.constraint = constraint;
    this.statementIndex = statementIndex;
  }
}

/** A file that SQLite cannot read. The message is one line for whoever runs Stoa. */
export class DamagedFileError extends DatabaseError {
  override readonly name: string = "DamagedFileError";

  constructor(path: string, cause: unknown) {
    super("other", cause);
    this.message = `${path} is damaged, or is no SQLite database (${messageOf(cause)}); put a backup of it in its place.`;
  }
}

/** Whether an error is this constraint refusing. */
export function violates(error: unknown, constraint: string): error is DatabaseError {
  return error instanceof DatabaseError && error.constraint === constraint;
}

/**
 * Classifies an error of the driver, also when drizzle has wrapped it. Log the result and never drizzle's error, whose
 * message holds the values of the query.
 */
export function toDatabaseError(error: unknown, statementIndex?: number): DatabaseError {
  const chain = causesOf(error);
  const sorted = chain.find((cause) => cause instanceof DatabaseError);
  if (sorted) return sorted;
  const root = chain.find((cause) => codeOf(cause) !== "") ?? chain.at(-1);
  // The driver puts its code before the message of each wrapper; the innermost error has SQLite's own message.
  const message = messageOf(chain.findLast((cause) => codeOf(cause) !== "") ?? root);
  const failure = failureOf(codeOf(root), message, chain);
  const constraint = failure === "constraint" ? constraintIn(message) : undefined;
  return new DatabaseError(failure, root, constraint, statementIndex);
}

function failureOf(code: string, message: string, chain: readonly unknown[]): DatabaseFailure {
  if (code.startsWith("SQLITE_CONSTRAINT")) return "constraint";
  if (/^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY)/.test(code)) return "unavailable";
  if (/^(CLIENT_CLOSED|BLOCKED|TRANSACTION_BUSY|TRANSACTION_TIMEOUT)$/.test(code)) return "unavailable";
  if (/\b(database is locked|disk is full|Unable to open connection)\b/.test(message)) return "unavailable";
  return isUnsent(code, chain) ? "unavailable" : isUnanswered(code, chain) ? "unknown_outcome" : "other";
}

/** Whether the HTTP database was not reached, or refused the request unread (4xx: token, name, too many requests). */
function isUnsent(code: string, chain: readonly unknown[]): boolean {
  if (code === "SERVER_ERROR") return chain.some((cause) => /HTTP status 4\d\d/.test(messageOf(cause)));
  return /^(ConnectionRefused|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|FailedToOpenSocket|EHOSTUNREACH|ENETUNREACH)$/.test(
    code,
  );
}

function isUnanswered(code: string, chain: readonly unknown[]): boolean {
  if (/^(SERVER_ERROR|HRANA_CLOSED_ERROR|HRANA_PROTO_ERROR|ConnectionClosed)$/.test(code)) return true;
  if (/^(ECONN|EPIPE|ETIMEDOUT|UND_ERR)/.test(code)) return true;
  return chain.some(
    (cause) =>
      cause instanceof Error &&
      (/^(TimeoutError|AbortError|SyntaxError)$/.test(cause.name) ||
        /^(fetch failed|network connection lost)|connection.*closed/i.test(cause.message)),
  );
}

function constraintIn(message: string): string {
  const named = /(?:CHECK|UNIQUE|NOT NULL) constraint failed: (?:index ')?([^']+?)'?$/.exec(message);
  return named?.[1] ?? message.replace(/^SQLite error: /, "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || error.code === "UNKNOWN") return "";
  return typeof error.code === "string" ? error.code : "";
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let cause = error; cause !== undefined && chain.length < 6; ) {
    chain.push(cause);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return chain;
}
