import { computed, type Database, type RowOf, raw, type Sql, select, sql } from "@stoa/db";
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

/** Which rows to read: after a `seq`, up to another, at most so many. */
export interface RowsWanted {
  readonly after: number;
  readonly upTo?: number | undefined;
  readonly limit: number;
  /** Only read marks, or everything else; all when absent. */
  readonly marks?: boolean;
}

/** Rows in order. */
export function rowsAfter(db: Database, wanted: RowsWanted): Promise<StreamRow[]> {
  return db.query(select(columns, sql`from ${j} where ${within(wanted)} order by ${j.seq} limit ${wanted.limit}`));
}

/** Rows in order that may concern a user: those of their conversations, and their own. */
export function rowsOf(db: Database, user_id: string, wanted: RowsWanted): Promise<StreamRow[]> {
  const theirs = sql`aggregate_id = ${user_id} or entity_id = ${user_id}
    or exists (select 1 from participants p where p.conversation_id = j.aggregate_id and p.user_id = ${user_id})`;
  return db.query(
    select(columns, sql`from ${j} where ${within(wanted)} and (${theirs}) order by ${j.seq} limit ${wanted.limit}`),
  );
}

function within({ after, upTo, marks }: RowsWanted): Sql {
  const end = upTo === undefined ? raw("") : sql` and ${j.seq} <= ${upTo}`;
  const kind = marks === undefined ? raw("") : raw(` and j.type ${marks ? "=" : "<>"} 'read.moved'`);
  return sql`${j.seq} > ${after}${end}${kind}`;
}
