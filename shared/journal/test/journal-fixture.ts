import { type Database, openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { type Cause, system } from "@stoa/events";
import { migrationOf, type TestSchema } from "@stoa/testing";
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { guardTable, journal, journalIdentity, journalTriggers } from "../index.ts";

/** A room whose seats are numbered without gaps: the smallest example of what a command could get wrong. */
export const rooms = sqliteTable("rooms", {
  id: text().primaryKey(),
  last: integer().notNull(),
  size: integer().notNull(),
});

/** A taken seat. */
export const seats = sqliteTable(
  "seats",
  { room_id: text().notNull(), number: integer().notNull(), user_id: text().notNull().unique() },
  (t) => [primaryKey({ columns: [t.room_id, t.number] })],
);

/** A journal, and tables for commands to change. */
export const schema: TestSchema = {
  tables: { journal, journalIdentity, guard: guardTable(["known_event", "front_row"]), rooms, seats },
  sql: [journalTriggers],
};

/** The cause of the events in these tests. */
export const cause: Cause = { ...system, actor_id: "ada", ip_address: "192.0.2.7", device_info: "Lynx" };

/** The time of the events in these tests. */
export const time = "2026-11-20T09:00:00.000Z";

/** Opens a database and gives it the schema and an empty room. */
export async function openRoom(url: string, size: number): Promise<Database> {
  const db = await openDatabase(url);
  await migrate(db, [await migrationOf(schema)]);
  await db.write([sql`insert into rooms (id, last, size) values ('hall', 0, ${size})`]);
  return db;
}
