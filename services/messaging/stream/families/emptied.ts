import { type Family, presentAt } from "./family.ts";

/** Which messages were emptied together goes to everyone in the conversation; it says only which. */
export const emptiedEvents: Family = {
  events: ["message.expired", "message.erased"],
  inConversations: true,
  async prepare({ attendances }) {
    const present = await attendances;
    return function* (row) {
      for (const { user_id } of presentAt(row, present)) yield [user_id, row.data];
    };
  },
};
