import { expect, test } from "bun:test";
import { raw } from "@stoa/db";
import { temporaryDatabase } from "./temporary-database.ts";

test("a statement that only a newer SQLite than sqld's takes fails the test that ran it", async () => {
  const stored = await temporaryDatabase("projects", { inFile: true });
  // `iif` with two arguments is of SQLite 3.48.
  await stored.db.query(raw("select iif(1, 2) as n from tasks"));
  await expect(stored.dispose()).rejects.toThrow(/^SQLite 3\.45, .*: select iif\(1, 2\) as n from tasks$/);
});

test("what no SQLite takes, and what a test makes for itself, is the test's own", async () => {
  const stored = await temporaryDatabase("projects", { inFile: true });
  await expect(stored.db.query(raw("selec 1"))).rejects.toThrow("syntax error");
  await stored.db.write([raw("create table own (x)"), raw("insert into own values (1)")]);
  expect(await stored.db.query(raw("select x from own"))).toEqual([{ x: 1 }]);
  await stored.dispose();
});
