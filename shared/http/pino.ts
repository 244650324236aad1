import { openSync } from "node:fs";
import process from "node:process";
import { pino } from "pino";
import type { LogFields, Logger, LogLevel } from "./log.ts";
import { LogLines } from "./log-lines-bun.ts";
import { readableLines } from "./readable-line.ts";

/**
 * A logger on pino, for roots on Bun: JSON lines, or readable ones when standard output is a terminal. `NO_COLOR` leaves
 * out colours (no-color.org).
 *
 * @param to a file's path; standard output when absent
 */
export function pinoLogger(service: string, level: LogLevel = "info", to: string | 1 = 1): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destinationOf(to),
  );
  const at = (name: Exclude<LogLevel, "trace">) => {
    if (!logger.isLevelEnabled(name)) return () => undefined;
    return (fields: LogFields, message: string) => logger[name](withService(service, fields), message);
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The members that pino writes itself. It writes a field of that name again, which many readers of JSON refuse. */
const written = ["level", "time", "msg"] as const;

/** The fields of a line with its service, each name once: a field may name another service. */
function withService(service: string, fields: LogFields): LogFields {
  const line: Record<string, unknown> = { service, ...fields };
  for (const name of written) {
    if (!(name in line)) continue;
    line[`${name}_`] = line[name];
    delete line[name];
  }
  return line;
}

function destinationOf(to: string | 1): { write(line: string): void } {
  const lines = new LogLines(typeof to === "string" ? openSync(to, "a") : to);
  const isTerminal = to === 1 && process.stdout.isTTY === true;
  const coloured = (process.env["NO_COLOR"] ?? "") === "";
  return isTerminal ? readableLines(lines, coloured) : lines;
}
