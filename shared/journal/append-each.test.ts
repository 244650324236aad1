import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, raw, sql, timeOf } from "@stoa/db";
import { temporaryDirectory } from "@stoa/testing";
import { append, appendEach, commit } from "./index.ts";
import { readAfter } from "./read.ts";
import { cause, openRoom, time } from "./test/journal-fixture.ts";

const folder = await temporaryDirectory("append-each");
let db: Database;

beforeAll(async () => {
  db = await openRoom(`file:${join(folder.path, "room.db")}`, 2);
  await db.write([sql`insert into seats (room_id, number, user_id) values ('hall', 1, 'bob'), ('hall', 2, 'ada')`]);
});

afterAll(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

const closing = (when = raw("1")) =>
  append(cause, { type: "user.enabled", aggregate_id: "hall", time, data: { user_id: "hall" } }, when);

const leaving = (first: ReturnType<typeof closing>) =>
  appendEach(first, {
    cause,
    type: "user.disabled",
    time,
    aggregate_id: raw("s.user_id"),
    entity_id: raw("s.user_id"),
    organization_id: raw("null"),
    data: raw("json_object('user_id', s.user_id, 'session_ids', json('[]'))"),
    from: raw("seats s"),
    where: raw("s.number = 1 or s.number = 2"),
  });

test("appends nothing when the first event did not happen", async () => {
  const first = closing(raw("0"));
  expect(await commit(db, first, [leaving(first)])).toEqual({ applied: false, rows: [] });
  expect(await readAfter(db, 0, 10)).toEqual([]);
});

test("appends an event for each row, in the order of their ids, each with an id and the time of the first", async () => {
  const first = closing();
  await commit(db, first, [leaving(first)]);
  const [, ...events] = await readAfter(db, 0, 10);
  expect(events.map(({ seq, entity_id, data }) => [seq, entity_id, data])).toEqual([
    [2, "ada", '{"user_id":"ada","session_ids":[]}'],
    [3, "bob", '{"user_id":"bob","session_ids":[]}'],
  ]);
  expect(events).toMatchObject([
    { type: "user.disabled", aggregate_id: "ada", actor_id: "ada", ip_address: "192.0.2.7", time },
    { type: "user.disabled", aggregate_id: "bob", actor_id: "ada", ip_address: "192.0.2.7", time },
  ]);
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(2);
  expect(events.map(({ event_id }) => timeOf(event_id))).toEqual(Array(2).fill(timeOf(first.event_id)));
});
