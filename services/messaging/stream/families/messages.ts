import { readMessages } from "../../messages/read.ts";
import { type MessageRow, shapeMessage } from "../../messages/row.ts";
import type { Message } from "../../messages/schema.ts";
import { reactionsOf } from "../../reactions/mine.ts";
import type { StreamRow } from "../rows.ts";
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
    "reaction.added",
    "reaction.removed",
  ],
  inConversations: true,
  async prepare({ db, rows, users, attendances }) {
    const [present, messages] = await Promise.all([attendances, readById(rows, (ids) => readMessages(db, "", ids))]);
    const shaped = new Map([...messages].map(([id, row]) => [id, { row, message: shapeMessage(row) }]));
    const reacted = [...shaped.values()].filter(({ message }) => message.reactions.length > 0);
    const theirs = await reactionsOf(
      db,
      reacted.map(({ message }) => message.id),
      users,
    );
    return function* (row) {
      const found = shaped.get(row.entity_id);
      if (!found) return;
      const write = writer(row, found.message);
      for (const { user_id, read_seq } of presentAt(row, present)) {
        yield [user_id, write(isRead(found.row, read_seq), theirs.get(`${found.message.id} ${user_id}`))];
      }
    };
  },
};

/** In a direct conversation it is the recipient who has read it, elsewhere the receiver. */
function isRead({ recipient_id, is_read, seq }: MessageRow, read_seq: number): boolean {
  return recipient_id === null ? read_seq >= seq : is_read === 1;
}

/** Writes a message for its receivers. It differs between few of them, so it is written few times. */
function writer(row: StreamRow, message: Message) {
  const more = row.type.startsWith("reaction.") ? reactionIn(row.data) : {};
  // What an assistant has begun to write comes in pieces, from the first character on.
  const empty = row.type === "message.sent" && message.status === "streaming" ? { content: "" } : {};
  const written = new Map<string, string>();
  return (is_read: boolean, own: ReadonlySet<string> = new Set()): string => {
    const reactions = message.reactions.map((one) => ({ ...one, me: own.has(one.emoji) }));
    const key = `${is_read} ${reactions.map(({ me }) => Number(me)).join("")}`;
    const known = written.get(key) ?? JSON.stringify({ ...message, is_read, reactions, ...empty, ...more });
    written.set(key, known);
    return known;
  };
}

function reactionIn(data: string) {
  const { emoji, user_id } = JSON.parse(data) as { emoji: string; user_id: string };
  return { emoji, user_id };
}
