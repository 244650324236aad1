import { openSync } from "node:fs";
import process from "node:process";
import { type Logger, type LogLevel, lineLogger } from "./log.ts";
import { LogLines } from "./log-lines-bun.ts";
import { readableLines } from "./readable-line.ts";

/**
 * A logger for roots on Bun: JSON lines, or readable ones when standard output is a terminal. `NO_COLOR` leaves out
 * colours (no-color.org).
 *
 * @param to a file's path; standard output when absent
 */
export function processLogger(service: string, level: LogLevel = "info", to: string | 1 = 1): Logger {
  const destination = destinationOf(to);
  return lineLogger(service, level, (line) => destination.write(`${line}\n`));
}

function destinationOf(to: string | 1): { write(line: string): void } {
  const lines = new LogLines(typeof to === "string" ? openSync(to, "a") : to);
  const isTerminal = to === 1 && process.stdout.isTTY === true;
  const coloured = (process.env["NO_COLOR"] ?? "") === "";
  return isTerminal ? readableLines(lines, coloured) : lines;
}
