import { type Database, raw, type Sql, select, sql } from "@stoa/db";
import { type JournalRow, journal } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";

/** Each way in which a row of a journal may be damaged, and what is said of it. */
export const damageKinds = {
  "no JSON": { set: sql`data = '{"user'`, says: "its data is not JSON" },
  "no text": { set: sql`data = x'00ff'`, says: "its data is not JSON" },
  "another shape": { set: sql`data = '{"user_id": 7}'`, says: "its data is not what its type says" },
  "no object": { set: sql`data = '7'`, says: "its data is not what its type says" },
  "no id": { set: sql`event_id = ''`, says: "it has no id" },
  "no type": { set: sql`type = ''`, says: "it has no type" },
  "an unknown type": { set: sql`type = 'user.teleported'`, says: "its type is not known to this version of Stoa" },
  "no subject": { set: sql`aggregate_id = ''`, says: "it does not say what it is about" },
  "no time": { set: sql`time = 'yesterday'`, says: "its time is none" },
  "no row": { set: null, says: "is missing in the journal" },
} as const satisfies Readonly<Record<string, { readonly set: Sql | null; readonly says: string }>>;

/** A way in which a row may be damaged. */
export type DamageKind = keyof typeof damageKinds;

/** The names of all. */
export const kindsOfDamage = Object.keys(damageKinds) as DamageKind[];

/**
 * Damages a row of a journal, as a bad disk or a bad hand does. The triggers that keep a journal as it is are gone then.
 *
 * @returns puts the row back as it was
 */
export async function damage(db: Database, seq: number, kind: DamageKind): Promise<() => Promise<void>> {
  const columns = getTableColumns(journal);
  const [row] = await db.query(select(columns, sql`from ${journal} where seq = ${seq}`));
  if (!row) throw new Error(`The journal has no event ${seq}.`);
  const { set } = damageKinds[kind];
  const triggers = ["update", "edit", "delete", "gap", "replace"].map((what) =>
    raw(`drop trigger if exists journal_refuses_${what}`),
  );
  await db.write([
    ...triggers,
    set ? sql`update journal set ${set} where seq = ${seq}` : sql`delete from journal where seq = ${seq}`,
  ]);
  return async () => {
    await db.write([sql`delete from journal where seq = ${seq}`, putBack(row)]);
  };
}

function putBack(row: JournalRow): Sql {
  const names = Object.keys(row);
  const values = Object.values(row).map((value) => sql`${value}`);
  const listed = values.reduce((all, value) => sql`${all}, ${value}`);
  return sql`insert into journal (${raw(names.join(", "))}) values (${listed})`;
}
