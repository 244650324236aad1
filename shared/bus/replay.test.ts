import { expect, test } from "bun:test";
import { type Database, derivedId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, readAfter } from "@stoa/journal";
import { atEveryStep, eventually, rowsOf } from "@stoa/testing";
import { replay } from "./replay.ts";
import { reached, world } from "./test/projected.ts";
import { catchUp, count, handlers, happen, parkNext, sequences, updated } from "./test/world.ts";
import { on } from "./types.ts";

test("after the fix, replay applies parked events in order and once, each with its reaction", async () => {
  await using w = await world();
  await w.source.write([updated("a"), updated("a", "poison"), updated("b"), updated("a"), updated("a")]);
  const broken = w.project();
  await reached(w.target, 5);
  expect(await replay(w.target, handlers())).toMatchObject({ applied: 0, left: 3, failures: [{ sequence: 2 }] });
  await broken.stop();
  w.project(handlers({ fixed: true }));
  expect(await replay(w.target, handlers({ fixed: true }))).toEqual({ applied: 3, left: 0, failures: [] });
  await w.source.write([updated("a")]);
  await reached(w.target, 6);
  expect(await sequences(w.target)).toEqual([1, 3, 2, 4, 5, 6]);
  expect(await count(w.target, "notes")).toBe(6);
});

test("a parked event whose reaction has happened already, as its own event in the journal says, is applied without it", async () => {
  await using w = await world();
  await w.source.write([updated("a")]);
  await parkNext(w.target, w.source);
  const [event] = await readAfter(w.source, 0, 1);
  const reaction = (event_id: string) =>
    append(system, {
      event_id: derivedId(event_id, "noted"),
      type: "user.updated",
      aggregate_id: "a",
      time: "2026-11-20T09:00:00.000Z",
      data: { user_id: "a", username: "ada", full_name: null },
    }).statement;
  await w.target.write([reaction(event?.event_id ?? "")]);
  const its = [...handlers(), on("reaction", "user.updated", ({ id }) => [reaction(id)])];
  expect(await replay(w.target, its)).toEqual({ applied: 1, left: 0, failures: [] });
  expect([await sequences(w.target), await count(w.target, "notes"), await count(w.target, "journal")]).toEqual([
    [1],
    0,
    1,
  ]);
});

test("a replay before any step of another one applies no event twice", async () => {
  const fixed = handlers({ fixed: true });
  await atEveryStep(async (overtaken, step) => {
    await using w = await world();
    await w.source.write([updated("a", "poison"), updated("a")]);
    await parkNext(w.target, w.source);
    await catchUp(w.target, w.source);
    const done = { left: 0, failures: [] };
    const other = async () => expect(await replay(w.target, fixed)).toMatchObject(done);
    expect(await replay(overtaken(w.target, other), fixed)).toMatchObject(done);
    expect([step, await sequences(w.target), await count(w.target, "notes")]).toEqual([step, [1, 2], 2]);
  });
});

test.each<[string, (w: { readonly source: Database; readonly target: Database }) => Promise<unknown>]>([
  ["another instance", ({ source, target }) => catchUp(target, source, handlers({ fixed: true }))],
  ["a replay", ({ target }) => replay(target, handlers({ fixed: true }))],
  [
    "another instance, and then a replay",
    async ({ source, target }) => {
      await catchUp(target, source, handlers({ fixed: true }));
      await replay(target, handlers({ fixed: true }));
    },
  ],
])("%s before any step of an instance: each event is applied once, and each aggregate's in order", async (_, rival) => {
  const fixed = handlers({ fixed: true });
  await atEveryStep(async (overtaken, step) => {
    await using w = await world();
    await w.source.write([updated("a", "poison")]);
    await parkNext(w.target, w.source);
    await w.source.write([updated("b"), updated("a"), updated("b")]);
    const other = () => rival(w);
    await catchUp(overtaken(w.target, other), overtaken(w.source, other), fixed);
    expect(await replay(w.target, fixed)).toMatchObject({ left: 0 });
    const order = await rowsOf<{ sequence: number; aggregate_id: string }>(
      w.target,
      sql`select sequence, aggregate_id from applied order by aggregate_id, place`,
    );
    expect([step, order.map(({ sequence }) => sequence)]).toEqual([step, [1, 3, 2, 4]]);
    expect([step, await count(w.target, "notes")]).toEqual([step, 4]);
  });
});

test("several replays at once under load keep each aggregate in order", async () => {
  await using w = await world();
  await w.source.write([updated("user-1", "poison"), updated("user-2", "poison")]);
  await happen(w.source, 100, 3);
  const broken = w.project();
  await reached(w.target, 102);
  await broken.stop();
  w.project(handlers({ fixed: true }));
  w.project(handlers({ fixed: true }));
  const load = (async () => {
    for (let round = 0; round < 20; round++) await happen(w.source, 10, 3);
  })();
  const fixed = handlers({ fixed: true });
  await eventually(async () =>
    (await Promise.all([replay(w.target, fixed), replay(w.target, fixed)])).some(({ left }) => left === 0),
  );
  await load;
  await reached(w.target, 302);
  const rows = await rowsOf<{ sequence: number; aggregate_id: string }>(
    w.target,
    sql`select * from applied order by place`,
  );
  for (const its of Map.groupBy(rows, (row) => row.aggregate_id).values()) {
    const order = its.map((row) => row.sequence);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
  expect(rows.length).toBe(302);
  expect(await count(w.target, "notes")).toBe(302);
});
