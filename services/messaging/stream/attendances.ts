import { among, computed, type Database, type RowOf, raw, select, sql } from "@stoa/db";
import { c, mine, participations } from "../conversations/row.ts";

const columns = {
  conversation_id: mine.conversation_id,
  user_id: mine.user_id,
  read_seq: mine.read_seq,
  type: c.type,
  trashed: computed<number>(sql`${c.trashed_at} is not null`),
};

/** A user who takes part in a conversation now, with what decides over deliveries to them. */
export type Attendance = RowOf<typeof columns>;

/** With more listeners than this the database is not given their ids: all participants are read, and filtered here. */
const MANY = 500;

/** Which of these users take part in these conversations now, by conversation. */
export async function attendances(
  db: Database,
  conversation_ids: readonly string[],
  users: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Attendance[]>> {
  if (conversation_ids.length === 0) return new Map();
  const listening = users.size > MANY ? raw("1") : sql`${mine.user_id} in ${among([...users])}`;
  const rows = await db.query(
    select(
      columns,
      sql`from ${participations} where ${mine.left_at} is null and ${listening}
        and ${mine.conversation_id} in ${among(conversation_ids)}`,
    ),
  );
  return Map.groupBy(
    rows.filter(({ user_id }) => users.has(user_id)),
    ({ conversation_id }) => conversation_id,
  );
}
