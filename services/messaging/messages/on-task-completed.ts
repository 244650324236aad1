import { on } from "@stoa/bus/types";
import { derivedId, sql } from "@stoa/db";
import { append } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import { conversationOf } from "../conversations/of-project.ts";
import { addMessage, nextSeq } from "./add.ts";

/**
 * Sends a system message to the project's conversation when a task is completed. It holds no name: users have ids. Tasks
 * that one request completed together have one message, which the first of them sends.
 */
export const announceCompletion = on("reaction", "task.completed", (event) => {
  const { project_id, key, title, batch } = event.data;
  if (project_id === null || (batch && batch.position > 1)) return [];
  const conversation_id = conversationOf(project_id);
  const id = derivedId(event.id, "message");
  const sent = append(
    causeOf(event),
    {
      event_id: derivedId(event.id, "message.sent"),
      type: "message.sent",
      aggregate_id: conversation_id,
      entity_id: id,
      time: event.time,
      data: { conversation_id, message_id: id, seq: nextSeq(conversation_id), kind: "system", sender_id: null },
    },
    sql`exists (select 1 from conversations where id = ${conversation_id})`,
  );
  const task = `${key === null ? "" : `${key} `}${title}`;
  const content = batch
    ? `${batch.size} tasks completed: ${task} and ${batch.size - 1} more`
    : `Task completed: ${task}`;
  return [
    sent.statement,
    ...addMessage({ id, conversation_id, type: "system", content, time: event.time }, sent.happened),
  ];
});
