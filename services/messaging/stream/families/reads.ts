import { type Family, presentAt } from "./family.ts";

/** How far someone has read goes to everyone in the conversation. */
export const readEvents: Family = {
  events: ["read.moved"],
  inConversations: true,
  async prepare({ attendances }) {
    const present = await attendances;
    return function* (row) {
      const { seq } = JSON.parse(row.data) as { seq: number };
      const data = JSON.stringify({ conversation_id: row.aggregate_id, user_id: row.entity_id, seq, read_seq: seq });
      for (const { user_id } of presentAt(row, present)) yield [user_id, data];
    };
  },
};
