import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type Database, newId, openDatabase, sql, violates } from "@stoa/db";
import {
  type CuttingProxy,
  type SqldServer,
  startProxy,
  startSqld,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@stoa/testing";
import { append, commit, happened } from "./index.ts";
import { cause, openRoom, time } from "./test/journal-fixture.ts";

const size = 105;
let folder: TemporaryDirectory;
let sqld: SqldServer;

beforeAll(async () => {
  folder = await temporaryDirectory("journal");
  sqld = await startSqld();
});

afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Takes the room's next seat, if there is one. */
function sit(db: Database, user_id: string) {
  const event = append(
    cause,
    { type: "user.enabled", aggregate_id: user_id, time, data: { user_id } },
    sql`exists (select 1 from rooms where id = 'hall' and last < size)`,
  );
  return commit<{ number: number }>(
    db,
    event,
    [
      sql`update rooms set last = last + 1 where id = 'hall' and ${event.happened}`,
      sql`insert into seats (room_id, number, user_id) select id, last, ${user_id} from rooms where id = 'hall' and ${event.happened}`,
      sql`insert into guard (rule) select 'front_row' where ${event.happened} and ${user_id} = 'tall' and (select last from rooms) < 3`,
    ],
    sql`select number from seats where user_id = ${user_id}`,
  );
}

const counts = async (db: Database) =>
  (
    await db.query(sql`select (select count(*) from journal) as events, (select max(seq) from journal) as seq,
      (select last from rooms) as last, (select count(*) from seats) as seats, (select max(number) from seats) as number,
      (select count(*) from guard) as guards`)
  )[0];

describe.each(["file", "http"] as const)("a command over %s", (kind) => {
  let db: Database;

  beforeAll(async () => {
    db = await openRoom(kind === "file" ? `file:${join(folder.path, "room.db")}` : sqld.url, size);
  });

  afterAll(() => db.close());

  test("writes its event and its effects, and returns the answer's rows", async () => {
    expect(await sit(db, "ada")).toEqual({ applied: true, rows: [{ number: 1 }] });
    expect(await counts(db)).toEqual({ events: 1, seq: 1, last: 1, seats: 1, number: 1, guards: 0 });
    const [row] = await db.query(sql`select * from journal`);
    expect(row).toMatchObject({ seq: 1, type: "user.enabled", aggregate_id: "ada", actor_id: "ada", time });
    expect(row).toMatchObject({ ip_address: "192.0.2.7", device_info: "Lynx", data: '{"user_id":"ada"}' });
  });

  test("writes nothing when a rule refuses, although that is the last statement", async () => {
    const before = await counts(db);
    const error = await sit(db, "tall").catch((reason: unknown) => reason);
    expect(violates(error, "front_row")).toBe(true);
    expect(await counts(db)).toEqual(before);
  });

  test("writes nothing when a unique index refuses", async () => {
    const before = await counts(db);
    const error = await sit(db, "ada").catch((reason: unknown) => reason);
    expect(violates(error, "seats.user_id")).toBe(true);
    expect(await counts(db)).toEqual(before);
  });

  test("happens once for an event id, which a reaction derives", async () => {
    const event_id = newId();
    const enable = () =>
      append(cause, { type: "user.enabled", aggregate_id: "x", event_id, time, data: { user_id: "x" } });
    expect((await commit(db, enable(), [])).applied).toBe(true);
    const again = await commit(db, enable(), [sql`delete from seats where ${happened(event_id)}`]).catch(
      (reason: unknown) => reason,
    );
    expect(violates(again, "known_event")).toBe(true);
    await db.write([sql`update rooms set size = size - 1`]);
  });

  test("sent 300 times at once, succeeds as often as there are seats, without a gap; the others write nothing", async () => {
    const commands = Array.from({ length: 300 }, (_, index) => sit(db, `guest ${index}`));
    const done = await Promise.all(commands);
    expect(done.filter(({ applied }) => applied)).toHaveLength(size - 2);
    expect(done.filter(({ applied, rows }) => applied !== (rows.length === 1))).toEqual([]);
    const numbers = done.flatMap(({ rows }) => rows.map(({ number }) => number)).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: size - 2 }, (_, index) => index + 2));
    expect(await counts(db)).toEqual({
      events: size,
      seq: size,
      last: size - 1,
      seats: size - 1,
      number: size - 1,
      guards: 0,
    });
  });

  test("whose guards do not hold says so, and returns the answer's rows unchanged", async () => {
    const before = await counts(db);
    expect(await sit(db, "late")).toEqual({ applied: false, rows: [] });
    expect(await counts(db)).toEqual(before);
  });
});

describe("a command without a response of the database", () => {
  let direct: Database;
  let db: Database;
  let fresh: SqldServer;
  let cutting: CuttingProxy;

  beforeAll(async () => {
    fresh = await startSqld();
    cutting = await startProxy(fresh.port);
    direct = await openRoom(fresh.url, 40);
    db = await openDatabase(cutting.url, { timeoutMs: 2_000 });
  });

  afterAll(async () => {
    db.close();
    direct.close();
    await cutting[Symbol.asyncDispose]();
    await fresh[Symbol.asyncDispose]();
  });

  test("because the response was lost, happens once and returns the right rows", async () => {
    for (let number = 1; number <= 10; number++) {
      cutting.cut("answer");
      expect(await sit(db, `back ${number}`)).toEqual({ applied: true, rows: [{ number }] });
    }
    expect(cutting.cuts).toBe(10);
    expect(await counts(direct)).toMatchObject({ events: 10, seq: 10, last: 10, seats: 10, number: 10 });
  });

  test("because the request was lost, happens once", async () => {
    for (let number = 11; number <= 20; number++) {
      cutting.cut("request");
      expect(await sit(db, `way ${number}`)).toEqual({ applied: true, rows: [{ number }] });
    }
    expect(await counts(direct)).toMatchObject({ events: 20, seq: 20, last: 20, seats: 20, number: 20 });
  });

  test("at both tries has an unknown outcome, and has happened at most once", async () => {
    cutting.cut("answer", 2);
    await expect(sit(db, "twice")).rejects.toMatchObject({ failure: "unknown_outcome" });
    expect(await counts(direct)).toMatchObject({ events: 21, seq: 21, last: 21, seats: 21 });
  });

  test("still reports that a rule refused, although the first response was lost", async () => {
    cutting.cut("answer");
    const error = await sit(db, "twice").catch((reason: unknown) => reason);
    expect(violates(error, "seats.user_id")).toBe(true);
  });

  test("happens once when the database hangs longer than the timeout", async () => {
    const hasty = await openDatabase(fresh.url, { timeoutMs: 500 });
    const { write } = hasty;
    let tries = 0;
    hasty.write = (statements) => {
      // The first try has timed out.
      if (++tries === 2) fresh.signal("SIGCONT");
      return write(statements);
    };
    await fresh.freeze();
    expect(await sit(hasty, "patient")).toEqual({ applied: true, rows: [{ number: 22 }] });
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(await counts(direct)).toMatchObject({ events: 22, seq: 22, last: 22, seats: 22 });
    hasty.close();
  });

  test("returns no rows when it has no answer", async () => {
    cutting.cut("answer");
    const event = append(cause, { type: "user.enabled", aggregate_id: "y", time, data: { user_id: "y" } });
    expect(await commit(db, event, [])).toEqual({ applied: true, rows: [] });
  });
});
