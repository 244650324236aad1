import { describe, type ErrorCode } from "./catalogue.ts";

/** One invalid field. `path` is a JSON pointer into the body, or names a parameter, such as `/query/limit`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** How many fields an error names at most. */
export const MOST_ERRORS = 100;

/** Characters of the longest path that an error names. The names in it are the client's, of any length. */
const LONGEST_PATH = 256;

/** What an error says beyond its code. All of it is public except `cause`, which only logs see. */
export interface ErrorDetails {
  /** A sentence for this case, instead of the catalogue's. It never holds a token, an e-mail address or a row. */
  readonly detail?: string;
  /** The invalid fields. */
  readonly errors?: readonly FieldError[];
  /** Extension members of the problem document, such as `current` (RFC 9457, section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Headers of the response, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What really happened. It is logged and never sent to the client. */
  readonly cause?: unknown;
}

/**
 * An error with a stable code, a public sentence and a private cause.
 *
 * @example
 * throw new StoaError("not_a_member", { detail: "One of the assignees is not a member of the project." });
 */
export class StoaError extends Error {
  override readonly name = "StoaError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    const { status, title, sentence } = describe(code);
    super(details.detail ?? sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = status;
    this.title = title;
    this.errors = details.errors && bounded(details.errors);
    this.members = details.members;
    this.headers = details.headers;
  }
}

/** At most {@link MOST_ERRORS}, with paths that are cut, so that an answer never grows with what was sent. */
function bounded(errors: readonly FieldError[]): readonly FieldError[] {
  if (errors.length <= MOST_ERRORS && errors.every(({ path }) => path.length <= LONGEST_PATH)) return errors;
  return errors.slice(0, MOST_ERRORS).map(({ path, message }) => ({
    path: path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH - 1).toWellFormed()}…`,
    message,
  }));
}
