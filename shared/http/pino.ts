import { pino } from "pino";
import type { Logger, LogLevel } from "./log.ts";

/** A logger on pino, for roots on Bun: JSON lines on standard output. */
export function pinoLogger(service: string, level: LogLevel = "info"): Logger {
  return pino({
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
  });
}
