import { afterAll, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, raw, sql, timeOf } from "@stoa/db";
import { temporaryDirectory } from "@stoa/testing";
import { appendEach, command, type Part } from "./index.ts";
import { cause, openRoom, time } from "./test/journal-fixture.ts";

const folder = await temporaryDirectory("append-each");
let db: Database;
let count = 0;

beforeEach(async () => {
  db?.close();
  db = await openRoom(`file:${join(folder.path, `${count++}.db`)}`, 9);
});

afterAll(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

/** Empties a room, with an event for each who sat there. */
const everyoneLeaves: Part = {
  effects: (happened) => [
    appendEach(
      cause,
      {
        type: "user.enabled",
        aggregate_id: raw("user_id"),
        entity_id: raw("room_id"),
        organization_id: raw("null"),
        data: { user_id: raw("user_id") },
        time,
        rows: sql`from seats where room_id = ${"hall"}`,
      },
      happened,
    ),
    sql`delete from seats where ${happened}`,
  ],
};

const close = (...more: Part[]) =>
  command(db, cause, { type: "user.disabled", aggregate_id: "all", time, data: { user_id: "all", session_ids: [] } }, [
    ...more,
    everyoneLeaves,
  ]);

const sit = (...people: string[]) =>
  db.write(
    people.map((who, index) => sql`insert into seats (room_id, number, user_id) values ('hall', ${index}, ${who})`),
  );

test("each row has an event of its own after the command's, in sequence and with the same cause", async () => {
  await sit("ada", "grace", "linus");
  await close();
  const [first, ...each] = await db.query(sql`select * from journal order by seq`);
  expect(first).toMatchObject({ seq: 1, type: "user.disabled" });
  expect(each).toMatchObject(
    ["ada", "grace", "linus"].map((user_id, index) => ({
      seq: index + 2,
      type: "user.enabled",
      aggregate_id: user_id,
      entity_id: "hall",
      organization_id: null,
      actor_id: cause.actor_id,
      ip_address: cause.ip_address,
      device_info: cause.device_info,
      time,
      data: JSON.stringify({ user_id }),
    })),
  );
});

test("their ids are UUIDv7 with the events' time, and differ", async () => {
  const people = Array.from({ length: 500 }, (_, index) => `user-${index}`);
  await sit(...people);
  await close();
  const ids = (await db.query(sql`select event_id from journal where type = 'user.enabled'`)).map(({ event_id }) =>
    String(event_id),
  );
  expect(new Set(ids).size).toBe(500);
  expect(new Set(ids.map(timeOf))).toEqual(new Set([Date.parse(time)]));
});

test("without rows, and when the command is refused, there is none", async () => {
  await close();
  await sit("ada");
  await close({ guard: raw("0") });
  expect(await db.query(sql`select type from journal`)).toEqual([{ type: "user.disabled" }]);
  expect(await db.query(sql`select user_id from seats`)).toEqual([{ user_id: "ada" }]);
});
