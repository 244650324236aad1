import type { ReadYourWrites } from "@stoa/bus/read-your-writes";

/** For tests that apply events by hand: a projection is looked at once, and nobody waits for an event. */
export const readOnce: ReadYourWrites = {
  lookup: (look) => look(),
  waitFor: (condition) => condition(),
};
