import { readAssistants } from "../../assistants/read.ts";
import { type Family, presentAt, readById } from "./family.ts";

/** Everyone in the conversation is told which assistants come and go. */
export const assistantEvents: Family = {
  events: ["assistant.added", "assistant.removed"],
  inConversations: true,
  async prepare({ db, rows, attendances }) {
    const [present, assistants] = await Promise.all([attendances, readById(rows, (ids) => readAssistants(db, ids))]);
    return function* (row) {
      const assistant = assistants.get(row.entity_id);
      if (!assistant) return;
      const data = JSON.stringify(assistant);
      for (const { user_id } of presentAt(row, present)) yield [user_id, data];
    };
  },
};
