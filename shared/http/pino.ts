import process from "node:process";
import { pino } from "pino";
import type { Logger, LogLevel } from "./log.ts";

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
    turnByTurn(to),
  );
}

/**
 * Where the lines of one turn of the event loop are one write: under load a write for each line took
 * a twentieth of a request. What a turn has left when the process exits is written then; SIGKILL can cost that turn's
 * lines, which tell of nothing that the journal does not have.
 */
function turnByTurn(dest: string | 1): { write(line: string): void } {
  const out = pino.destination({ dest, sync: true, minLength: 8_192 });
  let due = false;
  const flush = () => {
    due = false;
    out.flushSync();
  };
  process.on("exit", flush);
  return {
    write(line) {
      out.write(line);
      if (due) return;
      due = true;
      setImmediate(flush);
    },
  };
}
