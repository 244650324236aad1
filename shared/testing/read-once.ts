import type { ReadYourWrites } from "@stoa/bus/read-your-writes";

/** Reads a projection once without waiting for an event, for tests that apply events themselves. */
export const readOnce: ReadYourWrites = {
  lookup: (look) => look(),
  waitFor: (condition) => condition(),
};
