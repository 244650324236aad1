import { type Database, sql } from "@stoa/db";
import type { EventNameOf } from "@stoa/events";

/** What streams read of a journal row. */
export interface StreamRow {
  readonly seq: number;
  readonly type: EventNameOf<"messaging">;
  readonly aggregate_id: string;
  readonly entity_id: string | null;
  readonly data: string;
}

/** Rows after a `seq`, in order. */
export function rowsAfter(db: Database, seq: number, limit: number): Promise<StreamRow[]> {
  return db.query<StreamRow>(
    sql`select seq, type, aggregate_id, entity_id, data from journal where seq > ${seq} order by seq limit ${limit}`,
  );
}

/** Rows after one `seq` up to another that may concern a user: of their conversations, and about the user. */
export function rowsOf(
  db: Database,
  user_id: string,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<StreamRow[]> {
  return db.query<StreamRow>(
    sql`select seq, type, aggregate_id, entity_id, data from journal j
      where seq > ${after} and seq <= ${upTo} and (aggregate_id = ${user_id} or entity_id = ${user_id}
        or exists (select 1 from participants p where p.conversation_id = j.aggregate_id and p.user_id = ${user_id}))
      order by seq limit ${limit}`,
  );
}
