import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireSender } from "../access.ts";
import { mayWriteIn } from "../blocks/condition.ts";
import type { StoreDeps } from "../deps.ts";
import { mentionParts } from "../mentions/parts.ts";
import { aboutMessage } from "../messages/about.ts";
import { followedByMentioned } from "../messages/about-task.ts";
import { readMessage } from "../messages/read.ts";
import { selectMessage, shapeMessage } from "../messages/row.ts";
import { type Message, type MessagePatch, messageFields } from "../messages/schema.ts";
import { messages } from "../messages/table.ts";
import { nextMessageVersion, updateMessages } from "../messages/update.ts";
import { notDeleted } from "../messages/whole.ts";
import { announced } from "../notifications/news-of-message.ts";

/**
 * Changes what a message says; what it said before goes to its history. Without `If-Match` the last change counts.
 *
 * @throws StoaError `not_found`, `forbidden`, `blocked`, `message_deleted`, `version_conflict`, `validation_failed` for a read-only
 *   field
 */
export function editMessage(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  patch: MessagePatch,
  match?: IfMatch,
): Promise<Message> {
  return retrying(db, `message ${id}`, async () => {
    const present = await readMessage(db, actor, id);
    requireSender(actor, present);
    requireMatch(match, present);
    refuseReadOnly(present, patch, messageFields);
    const changes = changesOf(present, patch, messageFields);
    if (changes.length === 0) return present;
    const { content = null } = valuesOf<Message, (typeof messageFields)[number]>(changes);
    const time = now().toISOString();
    const about = aboutMessage(present, time);
    const told = { cause: actor.cause, time, message_id: id, conversation_id: present.conversation_id };
    const edited: Part = {
      // Whom the text before it mentioned loses that by the edit.
      guard: sql`exists (select 1 from messages where id = ${id} and content is ${present.content})`,
      effects: (happened) => [
        keepBefore(id, time, happened),
        updateMessages(sql`id = ${id}`, time, { content, edited_at: time }, happened),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      { ...about, type: "message.edited", data: { ...about.data, version: nextMessageVersion(id) } },
      [
        ...access(actor, "participate", present.conversation_id),
        mayWriteIn(actor.user_id, present.conversation_id),
        sameVersion(match, messages, present),
        notDeleted(id),
        edited,
        ...announced(told, mentionParts(actor, { ...told, content: content ?? "", before: present.content })),
        ...followedByMentioned(present.task_id, told),
      ],
      selectMessage(actor.user_id, id),
    );
    return rows?.[0] && shapeMessage(rows[0]);
  });
}

/** Keeps the text that another is about to replace. */
function keepBefore(id: string, time: string, happened: Sql): Sql {
  return sql`insert into message_edits (message_id, version, content, created_at, replaced_at)
    select id, version, content, coalesce(edited_at, created_at), ${time} from messages where id = ${id} and ${happened}`;
}
