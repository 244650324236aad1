import { DatabaseError, toDatabaseError } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { NotFoundError, ParseError, ValidationError } from "elysia";

/** Seconds after which a client may try again when something that Stoa needs is away. */
const RETRY_AFTER = "1";

/** Any thrown thing as the error that is answered; what it really was is kept as its cause, for the log alone. */
export function toStoaError(thrown: unknown): StoaError {
  if (thrown instanceof StoaError) return thrown.code === "unavailable" ? retryable(thrown) : thrown;
  if (thrown instanceof NotFoundError) return new StoaError("not_found", { cause: thrown });
  if (thrown instanceof ParseError) return new StoaError("malformed_json", { cause: thrown });
  // The request was validated before the handler ran, so what Elysia finds wrong is our own answer.
  if (thrown instanceof ValidationError) return new StoaError("internal_error", { cause: thrown });
  if (isDatabases(thrown)) {
    const error = toDatabaseError(thrown);
    if (error.failure === "unavailable" || error.failure === "unknown_outcome") {
      return new StoaError("unavailable", { headers: { "retry-after": RETRY_AFTER }, cause: thrown });
    }
  }
  return new StoaError("internal_error", { cause: thrown });
}

function retryable(error: StoaError): StoaError {
  if (error.headers && Object.keys(error.headers).some((name) => name.toLowerCase() === "retry-after")) return error;
  return new StoaError("unavailable", {
    detail: error.message,
    headers: { ...error.headers, "retry-after": RETRY_AFTER },
    ...(error.errors && { errors: error.errors }),
    ...(error.members && { members: error.members }),
    cause: error.cause ?? error,
  });
}

/** Whether the database's driver is among the causes: drizzle wraps what it throws. */
function isDatabases(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if (error instanceof DatabaseError || databaseErrors.has(error.name) || databaseErrors.has(error.constructor.name))
      return true;
  }
  return false;
}

const databaseErrors = new Set(["LibsqlError", "DrizzleQueryError", "HranaError"]);
