import type { Message } from "./schema.ts";

/** What every event of a message that was sent before has beside its own fields. */
export function aboutMessage(
  { id, conversation_id, seq }: Pick<Message, "id" | "conversation_id" | "seq">,
  time: string,
) {
  return { aggregate_id: conversation_id, entity_id: id, time, data: { conversation_id, message_id: id, seq } };
}
