import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { readConversation, takesPart } from "./read.ts";
import { touched } from "./touched.ts";
import { ofVersion, requireVersion } from "./version.ts";

/**
 * Leaves a conversation. A group's ownership passes to whoever has been in it longest. A direct conversation keeps
 * both its people: it is hidden from the one who left until either writes in it again.
 *
 * @param match `If-Match`: only while the conversation is as the asker has seen it
 * @throws StoaError `not_found`, `managed_by_project`, `version_conflict`
 */
export async function leaveConversation(
  { db, now }: UseCaseDeps,
  actor: Actor,
  id: string,
  match?: IfMatch,
): Promise<void> {
  const present = await readConversation(db, actor.user_id, id);
  const { type } = present;
  if (type === "project") throw new StoaError("managed_by_project");
  requireVersion(match, present);
  const time = now().toISOString();
  const left = append(
    actor.cause,
    {
      type: "conversation.participant_removed",
      aggregate_id: id,
      entity_id: actor.user_id,
      time,
      data: { conversation_id: id, user_id: actor.user_id },
    },
    sql`${takesPart(actor.user_id, id)} and ${ofVersion(match, present)}`,
  );
  const mine = sql`conversation_id = ${id} and user_id = ${actor.user_id} and ${left.happened}`;
  const effects =
    type === "direct"
      ? [sql`update participants set left_at = ${time} where ${mine}`]
      : [sql`delete from participants where ${mine}`, inherit(id, left.happened), touched(id, time, left.happened)];
  const { applied } = await commit(db, left, effects);
  if (applied) return;
  requireVersion(match, await readConversation(db, actor.user_id, id));
  throw new StoaError("not_found");
}

function inherit(conversation_id: string, happened: Sql): Sql {
  return sql`update participants set role = 'owner'
    where conversation_id = ${conversation_id} and ${happened}
    and user_id = (select user_id from participants where conversation_id = ${conversation_id}
      order by joined_at, user_id limit 1)
    and not exists (select 1 from participants where conversation_id = ${conversation_id} and role = 'owner')`;
}
