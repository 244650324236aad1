import { composeOnce, computed, type Database, type RowOf, raw, type Sql, select, sql } from "@stoa/db";
import type { EventNameOf } from "@stoa/events";
import { eventData, journal, legible, type WrittenEvent } from "@stoa/journal";
import { alias } from "drizzle-orm/sqlite-core";

const j = alias(journal, "j");
const columns = {
  seq: j.seq,
  event_id: j.event_id,
  time: j.time,
  type: computed<EventNameOf<"messaging">>(sql`${j.type}`),
  aggregate_id: j.aggregate_id,
  entity_id: j.entity_id,
  data: j.data,
};

/** What streams read of a journal row. */
export type StreamRow = RowOf<typeof columns>;

/** The rows that can be read, up to the first that cannot. @throws DamagedEvent when that is the first of all */
export function legibleRows(after: number, rows: readonly StreamRow[]): readonly StreamRow[] {
  const { events, damaged } = legible("messaging", Math.floor(after), rows, (row) => row);
  if (damaged && events.length === 0) throw damaged;
  return events;
}

/** Whether the row of a `seq` can be read by now. @param rows those from there on */
export function isLegible(seq: number, rows: readonly WrittenEvent[]): boolean {
  return rows.length > 0 && !legible("messaging", seq - 1, rows, () => null).damaged;
}

/** Refuses rows that cannot be read. @throws DamagedEvent */
export function requireLegible(rows: readonly StreamRow[]): readonly StreamRow[] {
  for (const row of rows) eventData("messaging", row);
  return rows;
}

/** Which rows to read: after a `seq`, up to another, at most so many. */
export interface RowsWanted {
  readonly after: number;
  readonly upTo?: number | undefined;
  readonly limit: number;
}

/** Rows in order. */
export function rowsAfter(db: Database, wanted: RowsWanted): Promise<StreamRow[]> {
  return db.query(rowsBetween(spanOf(wanted)));
}

/** Read marks in order. */
export function marksAfter(db: Database, wanted: RowsWanted): Promise<StreamRow[]> {
  return db.query(marksBetween(spanOf(wanted)));
}

/** Rows in order that may concern a user, without read marks: those of their conversations, and their own. */
export function rowsOf(db: Database, user_id: string, wanted: RowsWanted): Promise<StreamRow[]> {
  return db.query(rowsOfUser({ ...spanOf(wanted), user_id }));
}

/** Read marks in order that may concern a user: those in their conversations. */
export function marksOf(db: Database, user_id: string, wanted: RowsWanted): Promise<StreamRow[]> {
  return db.query(marksOfUser({ ...spanOf(wanted), user_id }));
}

const spanOf = ({ after, upTo = Number.MAX_SAFE_INTEGER, limit }: RowsWanted) => ({ after, upTo, limit });

const isMark = sql`${j.type} = 'read.moved'`;
const isNoMark = sql`${j.type} <> 'read.moved'`;

/** Composed once, because a hub reads after each write. */
const between = (kind: Sql) =>
  composeOnce((value: (name: "after" | "upTo" | "limit") => Sql) => select(columns, fromJournal(value, kind)));
const betweenOf = (kind: Sql) =>
  composeOnce((value: (name: "user_id" | "after" | "upTo" | "limit") => Sql) => {
    const id = value("user_id");
    const theirs = sql`aggregate_id = ${id} or entity_id = ${id} or exists
      (select 1 from participants p where p.conversation_id = j.aggregate_id and p.user_id = ${id})`;
    return select(columns, fromJournal(value, sql`${kind} and (${theirs})`));
  });

function fromJournal(value: (name: "after" | "upTo" | "limit") => Sql, condition: Sql): Sql {
  return sql`from ${j} where ${j.seq} > ${value("after")} and ${j.seq} <= ${value("upTo")} and ${condition}
    order by ${j.seq} limit ${value("limit")}`;
}

const rowsBetween = between(raw("1"));
const marksBetween = between(isMark);
const rowsOfUser = betweenOf(isNoMark);
const marksOfUser = betweenOf(isMark);
