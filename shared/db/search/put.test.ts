import { expect, test } from "bun:test";
import { rowsOf, startSqld, temporaryDatabase } from "@stoa/testing";
import { type Database, openDatabase } from "../database.ts";
import { computed } from "../select.ts";
import { marked, raw, sql } from "../sql.ts";
import { foldedText, putIntoIndex, type Searched, searchFor, searchSchema, walk } from "./index.ts";

const searched: Searched = { table: "notes", columns: ["title"] };

async function withNotes(db: Database): Promise<void> {
  await db.write([
    raw("create table notes (row integer primary key, id text not null unique, title text not null, folded text)"),
    raw("create index notes_unindexed on notes (row) where folded is null"),
    ...searchSchema(searched).up.map(raw),
  ]);
}

const add = (id: string, title: string) => [
  sql`insert into notes (id, title) values (${id}, ${title})`,
  putIntoIndex(searched, id, foldedText([title]), raw("1")),
];

async function find(db: Database, q: string) {
  const columns = { row: computed<number>(raw("n.row")), id: computed<string>(raw("n.id")) };
  const { rows } = await walk(db, {
    search: searchFor(searched, "n", q),
    where: raw("1"),
    columns,
    below: undefined,
    size: 9,
  });
  return rows.map(({ id }) => id);
}

test("rows of batches that share a transaction are found, those that are not plain too, in a file and at a server", async () => {
  await using sqld = await startSqld();
  await using stored = await temporaryDatabase("identity");
  for (const url of [stored.url, sqld.url]) {
    const db = await openDatabase(url);
    await withNotes(db);
    await Promise.all([
      db.write(add("a", "Herons")),
      db.write(add("b", 'Über "herons" 消息')),
      db.write(add("c", "Eels")),
    ]);
    expect([await find(db, "heron"), await find(db, "uber"), await find(db, "消"), await find(db, "ee")]).toEqual([
      ["b", "a"],
      ["b"],
      ["b"],
      ["c"],
    ]);
    db.close();
  }
});

test("nothing is put where no row was inserted, and nothing over a text that was written since", async () => {
  await using stored = await temporaryDatabase("identity");
  const { db } = stored;
  await withNotes(db);
  await db.write([
    ...add("a", "Herons"),
    putIntoIndex(searched, "b", "", raw("1")),
    sql`update notes set title = 'Éels', folded = ${foldedText(["Éels"])} where id = 'a'`,
  ]);
  expect([await find(db, "herons"), await find(db, "eels")]).toEqual([[], ["a"]]);
  expect(await rowsOf(db, sql`select id, folded from notes`)).toEqual([{ id: "a", folded: "eels" }]);
});

test("it counts as an effect of the event that the row is an effect of", () => {
  const happened = marked(raw("1"), "depends on an event");
  expect(putIntoIndex(searched, "a", "", happened).marks).toContain("depends on an event");
});
