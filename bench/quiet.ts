import type { Log } from "@stoa/bus";

/** A log that prints only errors, on standard error. */
export const quiet: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => console.error(message, fields),
};
