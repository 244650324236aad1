import type { Actor } from "@stoa/auth";
import { all, sql, unqualified } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { accessGroup, conversationFor } from "./read.ts";
import { selectConversation } from "./row.ts";
import { type Conversation, type ConversationPatch, conversationFields } from "./schema.ts";
import { conversations } from "./table.ts";
import { updateConversation } from "./update.ts";

/**
 * Changes a group: its title. Without `If-Match` the last change counts.
 *
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`, `version_conflict`, `validation_failed` for a
 *   read-only field.
 */
export function changeConversation(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  patch: ConversationPatch,
  match?: IfMatch,
): Promise<Conversation> {
  return retrying(db, `conversation ${id}`, async () => {
    const present = await accessGroup(db, actor, id);
    requireMatch(match, present);
    refuseReadOnly(present, patch, conversationFields);
    const changes = changesOf(present, patch, conversationFields);
    if (changes.length === 0) return present;
    const values = valuesOf<Conversation, (typeof conversationFields)[number]>(changes);
    const time = now().toISOString();
    const same = changes.map(({ field }) => sql`${unqualified(conversations[field])} is ${values[field] ?? null}`);
    const changed: Part = {
      guard: sql`exists (select 1 from conversations where id = ${id} and not ${all(same)})`,
      effects: (happened) => [updateConversation(id, time, values, happened)],
    };
    const { title } = { ...present, ...values };
    const rows = await command(
      db,
      actor.cause,
      { type: "conversation.updated", aggregate_id: id, time, data: { conversation_id: id, title } },
      [...access(actor, "manage", id), sameVersion(match, conversations, present), changed],
      selectConversation(actor.user_id, id),
    );
    return rows && conversationFor(actor, rows[0], "read");
  });
}
