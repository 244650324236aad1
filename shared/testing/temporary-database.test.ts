import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { openDatabase, raw, sql } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { services } from "@stoa/events";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { temporaryDatabase } from "./temporary-database.ts";

const notes = sqliteTable("notes", { id: text().primaryKey() });
const schema = {
  tables: { notes },
  sql: [{ up: ["create view few as select * from notes limit 1"], down: ["drop view few"] }],
};

test.each(services.map((service) => [service] as const))("%s gets a database at its newest schema", async (service) => {
  await using stored = await temporaryDatabase(service);
  expect(await schemaIsCurrent(stored.db, expectedSchema(service))).toBe(true);
});

test("each has rows and a journal of its own", async () => {
  await using one = await temporaryDatabase("projects");
  await using two = await temporaryDatabase("projects");
  const ids = [];
  for (const { db } of [one, two]) ids.push(...(await db.query(sql`select journal_id from journal_identity`)));
  expect(ids[0]).not.toEqual(ids[1]);
  await one.db.write([
    raw("insert into journal (event_id, type, aggregate_id, time, data) values ('e', 't', 'a', '', '{}')"),
  ]);
  expect(await two.db.query(sql`select 1 from journal`)).toEqual([]);
});

test("a database can be made of tables that belong to no service", async () => {
  await using stored = await temporaryDatabase(schema);
  await stored.db.write([sql`insert into notes (id) values ('a')`]);
  expect(await stored.db.query(sql`select id from few`)).toEqual([{ id: "a" }]);
  await using another = await temporaryDatabase(schema);
  expect(await another.db.query(sql`select id from few`)).toEqual([]);
});

test("it can be opened a second time, and is deleted afterwards", async () => {
  const stored = await temporaryDatabase(schema);
  await stored.db.write([sql`insert into notes (id) values ('a')`]);
  const again = await openDatabase(stored.url);
  expect(await again.query(sql`select id from notes`)).toEqual([{ id: "a" }]);
  again.close();
  await stored.dispose();
  expect(existsSync(stored.url.slice("file:".length))).toBe(false);
});
