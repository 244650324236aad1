import { readMessages } from "../../messages/read.ts";
import { shapeMessage } from "../../messages/row.ts";
import { type Family, presentAt, readById } from "./family.ts";

/** Messages go to everyone in the conversation, the sender included: they may have several clients. */
export const messageEvents: Family = {
  events: [
    "message.sent",
    "message.completed",
    "message.edited",
    "message.deleted",
    "message.pinned",
    "message.unpinned",
  ],
  inConversations: true,
  async prepare({ db, rows, attendances }) {
    const [present, messages] = await Promise.all([attendances, readById(rows, (ids) => readMessages(db, "", ids))]);
    return function* (row) {
      const message = messages.get(row.entity_id);
      if (!message) return;
      // The data differs between receivers in one field, so it is written twice at most.
      // While it is being written its text comes in pieces, from the first character on.
      const shown = { ...shapeMessage(message), ...(message.status === "streaming" && { content: "" }) };
      const direct = message.recipient_id !== null;
      const write = (is_read: boolean) => JSON.stringify({ ...shown, is_read });
      const [read, unread] = [once(() => write(true)), once(() => write(false))];
      for (const { user_id, read_seq } of presentAt(row, present)) {
        const is_read = direct ? message.is_read === 1 : read_seq >= message.seq;
        yield [user_id, is_read ? read() : unread()];
      }
    };
  },
};

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
