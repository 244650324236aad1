import { openSync } from "node:fs";
import { pino } from "pino";
import type { Logger, LogLevel } from "./log.ts";
import { LogLines } from "./log-lines-bun.ts";

/**
 * A logger on pino, for roots on Bun: JSON lines.
 *
 * @param to a file's path; standard output when absent
 */
export function pinoLogger(service: string, level: LogLevel = "info", to: string | 1 = 1): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    new LogLines(typeof to === "string" ? openSync(to, "a") : to),
  );
}
