import { computed, type Database, raw, type Sql, select, sql, unqualified } from "@stoa/db";
import type { Column, Table } from "drizzle-orm";
import { emailKey, notPlain } from "./address-key.ts";

/** Rows that are read at a time. */
const AT_ONCE = 200;

/** Where an address is kept, and its key. */
export interface Keyed {
  readonly table: Table;
  /** By which rows are told apart, and gone through. */
  readonly id: Column;
  /** The address; where none is kept, the key itself: the key of an old key is the address's. */
  readonly text: Column;
  readonly key: Column;
  /** Of which rows. */
  readonly which: Sql;
}

/** A row with a wrong key, and the right one. */
interface WrongKey {
  readonly id: string;
  readonly text: string;
  readonly key: string;
  readonly to: string;
}

/**
 * The rows whose keys were made when addresses were compared in fewer scripts, page by page, each with the key that it should
 * have. What is ASCII has the right key already. Whoever puts them right does so for the row that was read: several may go
 * through a table at once.
 */
export async function* wrongKeys(db: Database, { table, id, text, key, which }: Keyed): AsyncGenerator<WrongKey[]> {
  const shape = {
    id: computed<string>(sql`${id}`),
    text: computed<string>(sql`${text}`),
    key: computed<string>(sql`${key}`),
  };
  const candidates = sql`from ${table} where ${unqualified(key)} ${raw(notPlain)} and ${which}`;
  for (let after = ""; ; ) {
    const next = sql`${candidates} and ${unqualified(id)} > ${after} order by ${unqualified(id)} limit ${AT_ONCE}`;
    const rows = await db.scan(select(shape, next));
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    const wrong = rows.map((row) => ({ ...row, to: emailKey(row.text) })).filter(({ key, to }) => to !== key);
    if (wrong.length > 0) yield wrong;
  }
}
