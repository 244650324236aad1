import { expect, test } from "bun:test";
import { type Database, DatabaseError, derivedId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, envelopeOf, journalId, readAfter } from "@stoa/journal";
import { atEveryStep, eventually, rowsOf } from "@stoa/testing";
import { Applier } from "./applier.ts";
import { inProcess } from "./in-process.ts";
import { startProjector } from "./projector.ts";
import { replay } from "./replay.ts";
import {
  catchUp,
  count,
  envelope,
  faults,
  handlers,
  happen,
  memoryLog,
  parkNext,
  rebuild,
  restore,
  sequences,
  updated,
  worldDatabase,
} from "./test/world.ts";
import { type Handler, JournalChanged, on } from "./types.ts";

/** Identity's journal, a target database, and a function that starts projectors between them. */
async function world() {
  const source = await worldDatabase();
  const target = await worldDatabase();
  const log = memoryLog();
  const transport = inProcess({ identity: source.db }, log);
  const running: { stop(): Promise<void> }[] = [];
  const project = (its: readonly Handler[] = handlers(), db: Database = target.db) => {
    const projector = startProjector({
      service: "messaging",
      db,
      source: transport.source("identity"),
      handlers: its,
      log,
    });
    running.push(projector);
    return projector;
  };
  return {
    source: source.db,
    target: target.db,
    log,
    project,
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((projector) => projector.stop()));
      await transport.close();
      await source.dispose();
      await target.dispose();
    },
  };
}

const reached = (db: Database, seq: number, within = 5_000) =>
  eventually(async () => (await db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1, { within });

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

test("a recreated journal is not followed until a rebuild", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const first = w.project();
  await reached(w.target, 3);
  await first.stop();
  await w.source.write([sql`update journal_identity set journal_id = 'made-anew'`]);
  await happen(w.source, 1);
  const second = w.project();
  await eventually(() => second.status().stopped?.includes("bun run events rebuild messaging"));
  expect(await sequences(w.target)).toEqual([1, 2, 3]);
  await rebuild(w.target, w.source, { restored: { identity: 0 } });
  await reached(w.target, 4, 10_000);
  expect(await sequences(w.target)).toEqual([1, 2, 3, 4]);
  await eventually(() => second.status().stopped === undefined);
  expect(w.log.lines.filter((line) => line.level === "error").length).toBe(1);
  expect(await count(w.target, "notes")).toBe(7);
});

test.each([
  ["at once, with other events up to the same end", 15, "Event 25 of identity is not the one that was applied."],
  ["at once, with more events than it had", 40, "Event 25 of identity is not the one that was applied."],
  ["slowly", 0, "The events of identity end at 10, but event 25 was applied."],
])("a journal that is restored %s stops a running projector and one that starts later", async (_how, more, reason) => {
  await using w = await world();
  await happen(w.source, 25);
  const running = w.project();
  await reached(w.target, 25);
  await restore(w.source, 10, more);
  await eventually(() => running.status().stopped?.startsWith(reason));
  await happen(w.source, 20);
  const later = w.project();
  await eventually(() => later.status().stopped?.startsWith("Event 25 of identity is not the one that was applied."));
  expect(await sequences(w.target)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  expect(new Set(w.log.lines.filter((line) => line.level === "error").map((line) => line.message)).size).toBeLessThan(
    3,
  );
});

test("a cursor from before event ids were kept gets its id with the next event", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const first = w.project();
  await reached(w.target, 3);
  await first.stop();
  await w.target.write([sql`update cursors set prev = seq, event_id = null`]);
  w.project();
  await happen(w.source, 1);
  await reached(w.target, 4);
  expect(await faults(w.target, 4)).toEqual([]);
  const last = await w.source.query(sql`select event_id from journal where seq = 4`);
  expect(await w.target.query(sql`select event_id from cursors`)).toEqual(last);
});

test("a projector whose source leaves out an event looks once more, and then stops before it", async () => {
  await using w = await world();
  await happen(w.source, 3);
  const id = await journalId(w.source);
  const [third] = await readAfter(w.source, 2, 1);
  let tries = 0;
  const projector = startProjector({
    service: "messaging",
    db: w.target,
    source: {
      service: "identity",
      follow: async (_start, deliver) => {
        tries++;
        if (third) await deliver([envelopeOf("identity", id, third)]);
      },
    },
    handlers: handlers(),
    log: w.log,
  });
  await eventually(() => projector.status().stopped !== undefined);
  expect(tries).toBeGreaterThan(1);
  expect(projector.status().stopped).toBe(
    "Event 1 of identity is missing; make its stream again with `bun run events rebuild --stream identity`.",
  );
  expect(await sequences(w.target)).toEqual([]);
  await projector.stop();
});

test("a projector that stopped is in order again only when its source has what was applied, and nothing more", async () => {
  await using w = await world();
  const told: [events: number, same: boolean][] = [];
  const next = Promise.withResolvers<void>();
  let tries = 0;
  const projector = startProjector({
    service: "messaging",
    db: w.target,
    source: {
      service: "identity",
      follow: async (_start, _deliver, signal, behind) => {
        if (tries++ === 0) throw JournalChanged.ended("identity", 0, 5);
        const say = (events: number, same: boolean) => {
          behind?.(events, same);
          told.push([events, same]);
        };
        say(0, false);
        say(3, true);
        await next.promise;
        say(0, true);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
    handlers: handlers(),
    log: w.log,
  });
  await eventually(() => told.length === 2);
  expect(projector.status()).toMatchObject({ lag: 3, stopped: expect.stringContaining("event 5 was applied") });
  next.resolve();
  await eventually(() => told.length === 3);
  expect(projector.status()).toEqual({ source: "identity", seq: 0, lag: 0, parked: 0 });
  await projector.stop();
});

test("a missing event stops the projector before it, which names its sequence", async () => {
  await using w = await world();
  await happen(w.source, 3);
  await w.source.write([sql`drop trigger journal_refuses_delete`, sql`delete from journal where seq = 2`]);
  const projector = w.project();
  await eventually(() => projector.status().stopped?.startsWith("Event 2 of identity is missing"));
  expect(await sequences(w.target)).toEqual([1]);
  expect(projector.status().lag).toBe(2);
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
