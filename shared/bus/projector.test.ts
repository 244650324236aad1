import { expect, test } from "bun:test";
import { type Database, DatabaseError, sql } from "@stoa/db";
import { eventually, rowsOf } from "@stoa/testing";
import { Applier } from "./applier.ts";
import { reached, world } from "./test/projected.ts";
import {
  count,
  envelope,
  faults,
  handlers,
  happen,
  memoryLog,
  sequences,
  updated,
  worldDatabase,
} from "./test/world.ts";
import { type Handler, on } from "./types.ts";

test("a batch with projections only is not flushed, nor one whose reactions write nothing; one with a reaction is", async () => {
  await using w = await world();
  const relaxed: (boolean | undefined)[] = [];
  const noted: Database = {
    ...w.target,
    write: (statements, options) => {
      relaxed.push(options?.relaxed);
      return w.target.write(statements, options);
    },
  };
  const applier = (its: readonly Handler[]) =>
    new Applier({
      db: noted,
      source: "identity",
      handlers: its,
      log: w.log,
      signal: new AbortController().signal,
      moved: () => undefined,
    });
  await applier(handlers().filter(({ kind }) => kind === "projection")).apply([envelope(1)]);
  await applier(handlers()).apply([envelope(2)]);
  await applier(handlers().filter(({ event }) => event !== "user.updated")).apply([envelope(3)]);
  const idle = handlers().map((handler) => (handler.kind === "reaction" ? { ...handler, apply: () => [] } : handler));
  await applier(idle).apply([envelope(4)]);
  expect(relaxed).toEqual([true, false, true, true]);
});

test("every event is applied once and in order, also later ones", async () => {
  await using w = await world();
  await happen(w.source, 1_050);
  const projector = w.project();
  await reached(w.target, 1_050);
  await happen(w.source, 7);
  await reached(w.target, 1_057);
  expect(await faults(w.target, 1_057)).toEqual([]);
  await eventually(() => projector.status().lag === 0);
  expect(projector.status()).toEqual({ source: "identity", seq: 1_057, lag: 0, parked: 0 });
});

test("two instances apply every event once", async () => {
  await using w = await world();
  w.project();
  w.project();
  for (let round = 0; round < 20; round++) await happen(w.source, 60);
  await reached(w.target, 1_200);
  expect(await faults(w.target, 1_200)).toEqual([]);
});

test("a projector goes on where it stopped", async () => {
  await using w = await world();
  await happen(w.source, 150);
  const first = w.project();
  await eventually(() => first.status().seq > 0);
  await first.stop();
  await happen(w.source, 150);
  w.project();
  await reached(w.target, 300);
  expect(await faults(w.target, 300)).toEqual([]);
});

test("events without a handler are skipped", async () => {
  await using w = await world();
  await happen(w.source, 5);
  w.project([]);
  await reached(w.target, 5);
  expect(await sequences(w.target)).toEqual([]);
});

test("an event that cannot be applied is parked after five tries with later ones of its aggregate; others are applied", async () => {
  await using w = await world();
  await w.source.write([updated("a"), updated("b"), updated("a", "poison"), updated("b"), updated("a"), updated("c")]);
  let tries = 0;
  const counting = handlers().map((handler) => ({
    ...handler,
    apply: (event: Parameters<typeof handler.apply>[0]) => {
      if (event.sequence === 3 && handler.kind === "projection") tries++;
      return handler.apply(event);
    },
  }));
  const projector = w.project(counting);
  await reached(w.target, 6);
  expect(await sequences(w.target)).toEqual([1, 2, 4, 6]);
  expect(
    await w.target.query(sql`select sequence, behind, attempts, error, reactions_due from dead_letters order by id`),
  ).toEqual([
    { sequence: 3, behind: 0, attempts: 5, error: "constraint: not_poison", reactions_due: 1 },
    { sequence: 5, behind: 1, attempts: 0, error: null, reactions_due: 1 },
  ]);
  expect(tries).toBe(6); // one in the batch of six, then five on its own
  await eventually(() => projector.status().parked === 1);
  await w.source.write([updated("a")]);
  await reached(w.target, 7);
  expect(await count(w.target, "dead_letters")).toBe(3);
});

test("the event of a handler that throws is parked, and nothing of the error's message is kept", async () => {
  await using w = await world();
  await w.source.write([updated("a"), updated("b", "throws"), updated("a")]);
  w.project();
  await reached(w.target, 3);
  expect(await sequences(w.target)).toEqual([1, 3]);
  const [letter] = await rowsOf<{ error: string }>(w.target, sql`select error from dead_letters`);
  expect(letter?.error).toMatch(/^TypeError at world\.ts:\d+$/);
  expect(JSON.stringify(w.log.lines)).not.toContain("ada@example.com");
});

test("an event with a value that the driver cannot bind is parked alone", async () => {
  await using w = await world();
  await w.source.write([updated("a"), updated("b"), updated("c"), updated("d")]);
  w.project([
    on("projection", "user.updated", ({ sequence, subject, data }) => {
      const missing = JSON.parse(subject === "c" ? "{}" : `{"username":"${data.username}"}`) as typeof data;
      return [sql`insert into applied (sequence, aggregate_id) values (${sequence}, ${missing.username})`];
    }),
  ]);
  await reached(w.target, 4);
  expect(await sequences(w.target)).toEqual([1, 2, 4]);
  expect(await w.target.query(sql`select sequence, behind from dead_letters`)).toEqual([{ sequence: 3, behind: 0 }]);
});

test("while the database cannot be reached no try is counted, and nothing is parked", async () => {
  await using w = await world();
  await happen(w.source, 3);
  let away = 5;
  const flaky: Database = {
    ...w.target,
    write: (statements) => {
      if (away-- > 0) throw new DatabaseError(away % 2 === 0 ? "unavailable" : "unknown_outcome", "gone");
      return w.target.write(statements);
    },
  };
  const projector = w.project(handlers(), flaky);
  await eventually(() => projector.status().stopped !== undefined);
  await reached(w.target, 3, 10_000);
  expect(await faults(w.target, 3)).toEqual([]);
  await eventually(() => projector.status().stopped === undefined);
  expect(await count(w.target, "dead_letters")).toBe(0);
  expect(w.log.lines.length).toBe(1);
});

test("a lost response of the database does not make an event happen twice", async () => {
  await using w = await world();
  let lost = 3;
  const deaf: Database = {
    ...w.target,
    write: async (statements) => {
      const results = await w.target.write(statements);
      if (lost-- > 0) throw new DatabaseError("unknown_outcome", "no answer");
      return results;
    },
  };
  await happen(w.source, 250);
  w.project(handlers(), deaf);
  await reached(w.target, 250);
  expect(await faults(w.target, 250)).toEqual([]);
});

test("planted fault: without the trigger, two instances apply an event twice, and the check finds it", async () => {
  await using stored = await worldDatabase();
  const apply = async () => {
    const signal = new AbortController().signal;
    const make = () =>
      new Applier({
        db: stored.db,
        source: "identity",
        handlers: handlers(),
        log: memoryLog(),
        signal,
        moved: () => undefined,
      });
    const [one, two] = [make(), make()];
    await one.refresh();
    await two.refresh();
    const last = (await sequences(stored.db)).length;
    const batch = [envelope(last + 1), envelope(last + 2)];
    await one.apply(batch);
    await two.apply(batch);
  };
  await apply();
  expect(await faults(stored.db, 2)).toEqual([]);
  await stored.db.write([sql`drop trigger cursors_insert`, sql`drop trigger cursors_update`]);
  await apply();
  expect(await faults(stored.db, 4)).toEqual(["2 applied twice", "out of order", "a reaction happened twice"]);
});

test("listeners are notified of applied events, also of those that another instance applied", async () => {
  await using w = await world();
  const one = w.project();
  const two = w.project();
  const heard = { one: 0, two: 0 };
  const stop = one.onApplied(() => heard.one++);
  two.onApplied(() => heard.two++);
  await happen(w.source, 10);
  await eventually(() => heard.one > 0 && heard.two > 0);
  stop();
  const before = heard.one;
  await happen(w.source, 10);
  await reached(w.target, 20);
  await eventually(() => one.status().seq === 20);
  expect(heard.one).toBe(before);
});
