import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId, openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { system } from "@stoa/events";
import { migrationOf, type TemporaryDatabase, temporaryDatabase } from "@stoa/testing";
import { append, envelopeOf, journalId, lastSeq, readAfter } from "./index.ts";
import { cause, schema, time } from "./test/journal-fixture.ts";

let stored: TemporaryDatabase;

beforeAll(async () => {
  stored = await temporaryDatabase(schema);
});

afterAll(() => stored.dispose());

test("an empty journal ends at 0; rows are read in order, after a given one, so many at a time", async () => {
  const { db } = stored;
  expect(await lastSeq(db)).toBe(0);
  expect(await readAfter(db, 0, 10)).toEqual([]);
  const ids = [newId(), newId(), newId()];
  const appended = ids.map((event_id, index) =>
    append(index === 0 ? { ...cause, request_id: "r", traceparent: "t", session_id: "s" } : system, {
      type: "user.enabled",
      aggregate_id: "u",
      entity_id: "e",
      organization_id: "o",
      event_id,
      time,
      data: { user_id: "u" },
    }),
  );
  await db.write(appended.map(({ statement }) => statement));
  expect(await lastSeq(db)).toBe(3);
  expect((await readAfter(db, 0, 2)).map((row) => `${row.seq} ${row.event_id}`)).toEqual([
    `1 ${ids[0]}`,
    `2 ${ids[1]}`,
  ]);
  expect((await readAfter(db, 2, 10)).map((row) => row.seq)).toEqual([3]);
});

test("the envelope says what happened and who did it, without address and device", async () => {
  const [row] = await readAfter(stored.db, 0, 1);
  if (!row) throw new Error("There is no row.");
  const envelope = envelopeOf("identity", "j", row);
  expect(envelope).toEqual({
    specversion: "1.0",
    id: row.event_id,
    source: "/identity",
    type: "stoa.identity.user.enabled.v1",
    subject: "u",
    time,
    datacontenttype: "application/json",
    sequence: 1,
    journalid: "j",
    actorid: "ada",
    requestid: "r",
    traceparent: "t",
    data: { user_id: "u" },
  });
  expect(JSON.stringify(envelope)).not.toMatch(/192\.0\.2\.7|Lynx/);
});

test("a value of the data may be computed in the batch", async () => {
  const event = append(system, {
    type: "user.enabled",
    aggregate_id: "v",
    time,
    data: { user_id: sql`(select 'number ' || count(*) from journal)` },
  });
  await stored.db.write([event.statement]);
  const [row] = await readAfter(stored.db, 3, 1);
  expect(JSON.parse(row?.data ?? "")).toEqual({ user_id: "number 3" });
});

test("each database has its own journal, and one without migrations has none", async () => {
  await using other = await temporaryDatabase(schema);
  expect(await journalId(other.db)).not.toBe(await journalId(stored.db));
  const bare = await openDatabase("file::memory:");
  await migrate(bare, [await migrationOf({ tables: { i: schema.tables["journalIdentity"] } })]);
  await expect(journalId(bare)).rejects.toThrow("its migrations have not run");
  bare.close();
});
