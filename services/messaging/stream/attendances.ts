import { type Database, raw, sql } from "@stoa/db";

/** Someone who takes part in a conversation now, as far as deliveries need to know. */
export interface Attendance {
  readonly conversation_id: string;
  readonly user_id: string;
  readonly read_seq: number;
  readonly type: "direct" | "group" | "project";
  readonly trashed: number;
}

/** Past so many listeners their ids are not worth sending to the database. */
const MANY = 500;

/** Who of these users takes part in these conversations now, by conversation. */
export async function attendances(
  db: Database,
  conversation_ids: readonly string[],
  users: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Attendance[]>> {
  if (conversation_ids.length === 0) return new Map();
  const listening =
    users.size > MANY ? raw("1") : sql`p.user_id in (select value from json_each(${JSON.stringify([...users])}))`;
  const rows = await db.query<Attendance>(
    sql`select p.conversation_id, p.user_id, p.read_seq, c.type, c.trashed_at is not null as trashed
      from participants p join conversations c on c.id = p.conversation_id
      where p.conversation_id in (select value from json_each(${JSON.stringify(conversation_ids)}))
      and p.left_at is null and ${listening}`,
  );
  return Map.groupBy(
    rows.filter(({ user_id }) => users.has(user_id)),
    ({ conversation_id }) => conversation_id,
  );
}
