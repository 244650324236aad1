import { type Computed, computed, type Json, parseJson, type SqlPart, sql } from "@stoa/db";
import { NAMED, type Reaction } from "./schema.ts";

/** A reaction as SQL writes it. */
type ReactionRow = Omit<Reaction, "me"> & { readonly me: number | null };

/**
 * A column with the reactions to the message `m`, in the order in which they came.
 *
 * What is concatenated with nothing stays text: as JSON it would be a list where a row is made into JSON itself.
 *
 * @param user_id the user who reads: a value, or SQL of one
 */
export function reactionsJson(user_id: SqlPart): Computed<Json<ReactionRow[]>> {
  const named = sql`(select json_group_array(user_id) from (select user_id from reactions
    where message_id = m.id and emoji = g.emoji order by created_at, user_id limit ${NAMED}))`;
  const reactions = sql`(select json_group_array(json_object('emoji', g.emoji, 'count', g.users, 'me', g.me,
      'user_ids', json(${named}))) || ''
    from (select emoji, count(*) as users, max(user_id = ${user_id}) as me, min(created_at) as first from reactions
      where message_id = m.id group by emoji order by first, emoji) g)`;
  // Most messages have none, and grouping and sorting nothing would cost more than the rest of the row.
  return computed(
    sql`case when exists (select 1 from reactions where message_id = m.id) then ${reactions} else '[]' end`,
  );
}

/** The reactions to a message as they go over the wire. */
export function shapeReactions(reactions: Json<ReactionRow[]>): Reaction[] {
  return parseJson(reactions).map(({ me, ...reaction }) => ({ ...reaction, me: me === 1 }));
}
