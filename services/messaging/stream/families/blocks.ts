import type { Family } from "./family.ts";

/** Blocks go to the one user who made them, the `aggregate_id` of their events: who is blocked is not told. */
export const blockEvents: Family = {
  events: ["block.added", "block.removed"],
  inConversations: false,
  async prepare({ users }) {
    return function* ({ aggregate_id, data }) {
      if (users.has(aggregate_id)) yield [aggregate_id, data];
    };
  },
};
