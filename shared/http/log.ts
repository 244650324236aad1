/** What a log line says beside its message. Never a token, a query string, a body, an e-mail address or a row. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes structured log lines: JSON, one a line. pino's logger is one (`@stoa/http/pino`). */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** How much is logged. `trace` adds SQL without its values. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

const order: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/**
 * A logger for where there is only a console (Workers): JSON lines with `level`, `time`, `service` and the fields.
 *
 * @param write takes one line; the console's `log` when absent
 */
export function consoleLogger(
  service: string,
  level: LogLevel = "info",
  // biome-ignore lint/suspicious/noConsole: the console is this logger's only way out.
  write: (line: string) => void = (line) => console.log(line),
): Logger {
  const least = order.indexOf(level);
  const at = (name: LogLevel) => (fields: LogFields, message: string) => {
    if (order.indexOf(name) < least) return;
    write(JSON.stringify({ level: name, time: new Date().toISOString(), service, ...plain(fields), msg: message }));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Errors have no enumerable properties, so JSON would show `{}`: says them as pino does. */
function plain(fields: LogFields): LogFields {
  if (!(fields["err"] instanceof Error)) return fields;
  return { ...fields, err: describeError(fields["err"]) };
}

/**
 * An error as a log line shows it: type, message, stack and the same of its causes, at most five. Without the values
 * of a query, which drizzle puts into its messages.
 */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { message: `A ${typeof error} was thrown.` };
  const message = error.message.replace(/\nparams: [\s\S]*$/, "");
  const stack = error.stack?.replace(error.message, message);
  const described = { type: error.name, message, stack };
  if (error.cause === undefined || depth >= 4) return described;
  return { ...described, cause: describeError(error.cause, depth + 1) };
}
