import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, raw, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { temporaryDirectory } from "@stoa/testing";
import { append, command, commit, happened, type Part } from "./index.ts";
import { cause, openRoom, rooms, seats, time } from "./test/journal-fixture.ts";

const folder = await temporaryDirectory("command");
let db: Database;
let count = 0;

beforeEach(async () => {
  db?.close();
  db = await openRoom(`file:${join(folder.path, `${count++}.db`)}`, 2);
});

afterAll(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

const exists = (id: string): Part => ({
  guard: sql`exists (select 1 from ${rooms} where id = ${id})`,
  why: () => new StoaError("not_found"),
});
const hasRoom: Part = {
  guard: sql`exists (select 1 from ${rooms} where last < size)`,
  why: () => new StoaError("forbidden"),
};
const seat = (user_id: string): Part => ({
  effects: (happened) => [
    sql`update rooms set last = last + 1 where ${happened}`,
    sql`insert into seats (room_id, number, user_id) select id, last, ${user_id} from rooms where ${happened}`,
  ],
  constraints: {
    "seats.user_id": (cause) => (user_id === "twin" ? undefined : new StoaError("already_member", { cause })),
  },
});

const sit = (user_id: string, room: string, ...more: Part[]) =>
  command(
    db,
    cause,
    { type: "user.enabled", aggregate_id: user_id, time, data: { user_id } },
    [exists(room), hasRoom, ...more, seat(user_id)],
    select({ number: seats.number }, sql`from ${seats} where user_id = ${user_id}`),
  );

const events = async () => (await db.query(sql`select 1 from journal`)).length;

describe("a command", () => {
  test("writes the effects of all its parts, and returns the answer's rows", async () => {
    expect(await sit("ada", "hall")).toEqual([{ number: 1 }]);
    expect(await events()).toBe(1);
  });

  test("is refused by the first of its parts that does not hold, and writes nothing", async () => {
    await sit("ada", "hall");
    await sit("bob", "hall");
    await expect(sit("eve", "attic")).rejects.toMatchObject({ code: "not_found" });
    await expect(sit("eve", "hall")).rejects.toMatchObject({ code: "forbidden" });
    expect(await events()).toBe(2);
  });

  test("returns undefined, to be retried, when no part explains the refusal", async () => {
    expect(await sit("ada", "hall", { guard: raw("0") })).toBeUndefined();
    expect(await events()).toBe(0);
  });

  test("returns undefined, to be retried, when the part that refused holds by now", async () => {
    let asked = 0;
    // The guard refuses the write, and holds when it is read again.
    const fickle: Part = {
      get guard() {
        return raw(asked++ === 0 ? "0" : "1");
      },
      why: () => new StoaError("forbidden"),
    };
    expect(await sit("ada", "hall", fickle)).toBeUndefined();
  });

  test("returns undefined, to be retried, when what was read has changed, whatever a later part made of it says", async () => {
    const changed: Part = { guard: sql`exists (select 1 from ${rooms} where last = 1)` };
    const full: Part = { guard: raw("0"), why: () => new StoaError("forbidden") };
    expect(await sit("ada", "hall", changed, full)).toBeUndefined();
    await expect(sit("ada", "hall", full, changed)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("throws the error that a part has for a constraint, or returns undefined when it has none", async () => {
    await sit("ada", "hall");
    await expect(sit("ada", "hall")).rejects.toMatchObject({ code: "already_member" });
    await db.write([sql`update seats set user_id = 'twin'`]);
    expect(await sit("twin", "hall")).toBeUndefined();
    expect(await events()).toBe(1);
  });

  test("does not swallow a constraint that no part knows", async () => {
    const wrong: Part = { effects: (happened) => [sql`insert into guard (rule) select 'front_row' where ${happened}`] };
    await expect(sit("ada", "hall", wrong)).rejects.toMatchObject({ failure: "constraint", constraint: "front_row" });
  });
});

describe("an effect", () => {
  const event = () => append(cause, { type: "user.enabled", aggregate_id: "x", time, data: { user_id: "x" } });

  test("that is conditional on no event of its batch is refused before the batch is sent", async () => {
    await expect(commit(db, event(), [sql`delete from seats`])).rejects.toThrow("conditional on no event");
    const another = sql`delete from seats where ${happened("another")}`;
    await expect(commit(db, event(), [another])).rejects.toThrow("conditional on no event");
    expect(await events()).toBe(0);
  });

  test("may be conditional on another event that the batch appends before it", async () => {
    const first = event();
    const second = append(
      cause,
      { type: "user.disabled", aggregate_id: "x", time, data: { user_id: "x", session_ids: [] } },
      first.happened,
    );
    const effect = sql`update rooms set size = 0 where ${second.happened}`;
    await expect(commit(db, first, [effect, second.statement])).rejects.toThrow("conditional on no event");
    expect(await commit(db, first, [second.statement, effect])).toEqual({ applied: true, rows: [] });
    expect(await db.query(sql`select size from rooms`)).toEqual([{ size: 0 }]);
  });
});
