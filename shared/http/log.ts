/** What a log line says beside its message. Never a token, a query string, a body, an e-mail address or a row. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes structured log lines: JSON, one a line. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** How much is logged. `trace` adds SQL without its values. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

const order: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** A logger for where there is only a console (Workers). */
export function consoleLogger(service: string, level: LogLevel = "info"): Logger {
  // biome-ignore lint/suspicious/noConsole: the console is this logger's only way out.
  return lineLogger(service, level, (line) => console.log(line));
}

/**
 * Writes JSON lines with `level`, `time`, `service`, the fields and `msg`, each name once.
 *
 * @param write takes one line, without its end
 */
export function lineLogger(service: string, level: LogLevel, write: (line: string) => void): Logger {
  const least = order.indexOf(level);
  const at = (name: LogLevel) => {
    if (order.indexOf(name) < least) return () => undefined;
    return (fields: LogFields, message: string) => write(lineOf(name, service, fields, message));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The members that every line has; a field of the same name gets another one. A field may name another service. */
const written = ["level", "time", "msg"] as const;

function lineOf(level: LogLevel, service: string, fields: LogFields, msg: string): string {
  const head = { level, time: new Date().toISOString(), service };
  try {
    return JSON.stringify({ ...head, ...plain(fields), msg });
  } catch (error) {
    // A circle, or a bigint: the line says which fields it would have had.
    return JSON.stringify({ ...head, unwritten: Object.keys(fields), err: describeError(error), msg });
  }
}

/** Errors have no enumerable properties, so JSON would show `{}`. */
function plain(fields: LogFields): LogFields {
  const doubled = written.some((name) => name in fields);
  if (!doubled && !(fields["err"] instanceof Error)) return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      written.some((its) => its === name) ? `${name}_` : name,
      name === "err" && value instanceof Error ? describeError(value) : value,
    ]),
  );
}

/**
 * An error as a log line shows it: type, message, code, stack and the same of its causes, at most five. Without the values
 * of a query, which drizzle puts into its messages.
 */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { message: `A ${typeof error} was thrown.` };
  const message = error.message.replace(/\nparams: [\s\S]*$/, "");
  const stack = error.stack?.replace(error.message, message);
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const described = { type: error.name, message, ...code, stack };
  if (error.cause === undefined || depth >= 4) return described;
  return { ...described, cause: describeError(error.cause, depth + 1) };
}
