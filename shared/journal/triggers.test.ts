import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { temporaryDatabase } from "@stoa/testing";
import { guardTable, journal, journalIdentity, journalTriggers } from "./index.ts";

test("x", async () => {
  await using s = await temporaryDatabase({ tables: { journal, journalIdentity, guard: guardTable(["known_event", "last_owner"]) }, sql: [journalTriggers] });
  console.log(await s.db.query(sql`select * from journal_identity`), s.url);
  console.log(await s.db.query(sql`select name from sqlite_master`));
});
