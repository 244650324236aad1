import { computed, type Database, type RowOf, select, sql } from "@stoa/db";
import type { EventNameOf } from "@stoa/events";
import { journal } from "@stoa/journal";
import { alias } from "drizzle-orm/sqlite-core";

const j = alias(journal, "j");
const columns = {
  seq: j.seq,
  type: computed<EventNameOf<"messaging">>(sql`${j.type}`),
  aggregate_id: j.aggregate_id,
  entity_id: j.entity_id,
  data: j.data,
};

/** What streams read of a journal row. */
export type StreamRow = RowOf<typeof columns>;

/** Rows after a `seq`, in order. */
export function rowsAfter(db: Database, seq: number, limit: number): Promise<StreamRow[]> {
  return db.query(select(columns, sql`from ${j} where ${j.seq} > ${seq} order by ${j.seq} limit ${limit}`));
}

/** Rows after one `seq` up to another that may concern a user: those of their conversations, and their own. */
export function rowsOf(
  db: Database,
  user_id: string,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<StreamRow[]> {
  const theirs = sql`aggregate_id = ${user_id} or entity_id = ${user_id}
    or exists (select 1 from participants p where p.conversation_id = j.aggregate_id and p.user_id = ${user_id})`;
  return db.query(
    select(
      columns,
      sql`from ${j} where ${j.seq} > ${after} and ${j.seq} <= ${upTo} and (${theirs}) order by ${j.seq} limit ${limit}`,
    ),
  );
}
