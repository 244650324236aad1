import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append } from "@stoa/journal";
import { meanwhile, temporaryDatabase } from "./index.ts";

const event = () =>
  append(system, { type: "user.enabled", aggregate_id: "a", time: "2026-11-20T09:00:00.000Z", data: { user_id: "a" } });

test("the work runs once, before the next write to the journal and before no other write", async () => {
  await using stored = await temporaryDatabase("identity");
  const { db } = stored;
  const seen: unknown[] = [];
  meanwhile(db, async () => seen.push(...(await db.query(sql`select count(*) as rows from journal`))));
  await db.write([sql`update journal_identity set journal_id = 'another'`]);
  expect(seen).toEqual([]);
  await db.write([event().statement]);
  await db.write([event().statement]);
  expect(seen).toEqual([{ rows: 0 }]);
});

test("when the work throws, that write fails and the next one succeeds", async () => {
  await using stored = await temporaryDatabase("identity");
  const { db } = stored;
  meanwhile(db, () => Promise.reject(new Error("away")));
  await expect(db.write([event().statement])).rejects.toThrow("away");
  await db.write([event().statement]);
  expect(await db.query(sql`select seq from journal`)).toEqual([{ seq: 1 }]);
});
