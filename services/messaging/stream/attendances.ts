import { composeOnce, computed, type Database, type RowOf, type Sql, select, sql } from "@stoa/db";
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
  const ids = JSON.stringify(conversation_ids);
  const statement = users.size > MANY ? ofAll({ ids }) : ofSome({ ids, users: JSON.stringify([...users]) });
  const rows = await db.query(statement);
  return Map.groupBy(
    rows.filter(({ user_id }) => users.has(user_id)),
    ({ conversation_id }) => conversation_id,
  );
}

/** Composed once, because receivers are found for each message. */
const ofAll = composeOnce((value: (name: "ids") => Sql) => select(columns, present(value("ids"))));
const ofSome = composeOnce((value: (name: "ids" | "users") => Sql) =>
  select(
    columns,
    sql`${present(value("ids"))} and ${mine.user_id} in (select value from json_each(${value("users")}))`,
  ),
);

function present(ids: Sql): Sql {
  return sql`from ${participations} where ${mine.left_at} is null
    and ${mine.conversation_id} in (select value from json_each(${ids}))`;
}
