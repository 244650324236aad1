import type { Log } from "@stoa/bus";

/** A log of what goes wrong and nothing else, on standard error. */
export const quiet: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => console.error(message, fields),
};
