import { among, computed, type Database, nullable, pickColumns, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "../directory/table.ts";
import { participants } from "../participants/table.ts";
import { c } from "./row.ts";
import { type Participant, SharedConversation } from "./schema.ts";

const p = alias(participants, "p");
const d = alias(directory, "d");

/** Conversations that are not in the trash, as all who take part in them see them, by id. */
export async function sharedConversations(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SharedConversation>> {
  const rows = await db.query(
    select(
      pickColumns(c, SharedConversation.properties),
      sql`from ${c} where ${c.id} in ${among(ids)} and ${c.trashed_at} is null`,
    ),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Someone who takes part in a conversation, or has left a direct one. */
export interface ParticipantRow {
  readonly participant: Participant;
  readonly left: boolean;
}

/**
 * Participants, by `<conversation> <user>`.
 *
 * @param pairs conversation and user
 * @param direct conversations of which both people are wanted if they are direct ones
 */
export async function participantsOf(
  db: Database,
  pairs: readonly (readonly [conversation_id: string, user_id: string])[],
  direct: readonly string[],
): Promise<ReadonlyMap<string, ParticipantRow>> {
  if (pairs.length + direct.length === 0) return new Map();
  const { conversation_id, user_id, role, read_seq } = p;
  const names = { username: nullable(d.username), full_name: nullable(d.full_name) };
  const left = computed<number>(sql`${p.left_at} is not null`);
  const rows = await db.query(
    select(
      { conversation_id, user_id, ...names, role, read_seq, left },
      sql`from ${p} left join ${d} on ${d.user_id} = ${p.user_id}
        where (${conversation_id}, ${user_id}) in
          (select value ->> 0, value ->> 1 from json_each(${JSON.stringify(pairs)}))
        or ${conversation_id} in (select id from conversations where type = 'direct' and id in ${among(direct)})`,
    ),
  );
  return new Map(
    rows.map(({ conversation_id: id, left: gone, ...participant }) => [
      `${id} ${participant.user_id}`,
      { participant, left: gone === 1 },
    ]),
  );
}
