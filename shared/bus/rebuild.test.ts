import { describe, expect, test } from "bun:test";
import { type Database, DatabaseError, sql } from "@stoa/db";
import { atEveryStep, eventually, intercepted, startSqld } from "@stoa/testing";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { inProcess } from "./in-process.ts";
import { startProjector } from "./projector.ts";
import { KeyedTable } from "./rebuild/keyed-table.ts";
import { replay } from "./replay.ts";
import {
  catchUp,
  count,
  faults,
  handlers,
  happen,
  memoryLog,
  parkNext,
  rebuild,
  sequences,
  updated,
  worldAt,
  worldDatabase,
} from "./test/world.ts";
import type { Handler } from "./types.ts";

type EngineKind = Database["kind"];

/** A database for projections, as a file or on a server. */
async function targetOn(engine: EngineKind) {
  if (engine === "file") return worldDatabase();
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startSqld());
  const db = await worldAt(server.url);
  stack.defer(() => db.close());
  const owned = stack.move();
  return { db, dispose: () => owned.disposeAsync() };
}

/** Identity's journal, and a database that applies its events. */
async function world(engine: EngineKind = "file") {
  const source = await worldDatabase();
  const target = await targetOn(engine);
  const log = memoryLog();
  const transport = inProcess({ identity: source.db }, log);
  const running: { stop(): Promise<void> }[] = [];
  return {
    source: source.db,
    target: target.db,
    log,
    project(its: readonly Handler[] = handlers()) {
      const options = { service: "messaging", db: target.db, handlers: its, log } as const;
      const projector = startProjector({ ...options, source: transport.source("identity") });
      running.push(projector);
      return projector;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((projector) => projector.stop()));
      await transport.close();
      await source.dispose();
      await target.dispose();
    },
  };
}

const reached = (db: Database, seq: number) =>
  eventually(async () => (await db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1);

const names = async (db: Database) => db.query(sql`select user_id, username, sequence from names order by user_id`);

/** Reads a projection again and again until it is disposed of, and keeps what it found, each finding once. */
function reader(db: Database) {
  const found = new Set<number>();
  let reading = true;
  const ended = (async () => {
    while (reading) {
      found.add(await count(db, "names"));
      await new Promise(setImmediate);
    }
  })();
  return {
    found,
    stop: () => {
      reading = false;
      return ended;
    },
  };
}

describe.each<EngineKind>(["file", "http"])("in a database by %s", (engine) => {
  test("rows that are missing, wrong or too many are put right in one step, and nobody has to send an event", async () => {
    await using w = await world(engine);
    await happen(w.source, 300, 100);
    w.project();
    await reached(w.target, 300);
    const right = await names(w.target);
    await w.target.write([
      sql`delete from names where user_id < 'user-4'`,
      sql`update names set username = 'nobody' where user_id > 'user-8'`,
      sql`insert into names (user_id, username, sequence) values ('user-x', 'nobody', 1)`,
    ]);
    const damaged = await count(w.target, "names");
    const wrong = await count(w.target, "names where username = 'nobody'");
    const reading = reader(w.target);
    const corrected = await rebuild(w.target, w.source);
    expect(await names(w.target)).toEqual(right);
    await reading.stop();
    expect(Object.fromEntries(corrected)).toEqual({ applied: 0, names: 101 - damaged + wrong });
    expect([...reading.found].filter((rows) => rows !== damaged && rows !== right.length)).toEqual([]);
    expect(await faults(w.target, 300)).toEqual([]);
  });

  test("a projection that is read while it is rebuilt under load is never empty, and right at the end", async () => {
    await using w = await world(engine);
    await happen(w.source, 300, 100);
    const its = handlers().map((handler) => ({
      ...handler,
      apply: (event: Parameters<typeof handler.apply>[0]) => handler.apply(event).slice(0, 1),
    }));
    w.project(its);
    w.project(its);
    await reached(w.target, 300);
    const reading = reader(w.target);
    let happening = true;
    let made = 300;
    const load = (async () => {
      while (happening) {
        await happen(w.source, 3, 100);
        made += 3;
      }
    })();
    for (let time = 0; time < 3; time++) await rebuild(w.target, w.source, { handlers: its });
    happening = false;
    await load;
    await reached(w.target, made);
    await reading.stop();
    expect([...reading.found]).toEqual([100]);
    expect((await rebuild(w.target, w.source, { handlers: its })).get("names")).toBe(0);
    expect(await count(w.target, "notes")).toBe(made);
  });

  test("wherever a rebuild is killed, no row that was right is wrong, and the next one ends it", async () => {
    await using w = await world(engine);
    await happen(w.source, 60, 20);
    const projector = w.project();
    await reached(w.target, 60);
    await projector.stop();
    const right = await names(w.target);
    for (let step = 1, killed = true; killed; step++) {
      await w.target.write([sql`delete from names where user_id < 'user-15'`]);
      const left = await names(w.target);
      let calls = 0;
      const die = () => {
        if (++calls === step) throw new Error("killed");
      };
      // It dies before a call of the database, or after a batch was written and before it is told so.
      const dying = intercepted(w.target, { read: die, write: die, written: die });
      const outcome = await rebuild(dying, w.source).then(
        () => "ended",
        (error: Error) => error.message,
      );
      killed = outcome === "killed";
      expect([right, left]).toContainEqual(await names(w.target));
      await rebuild(w.target, w.source);
      expect(await names(w.target)).toEqual(right);
    }
    expect(await faults(w.target, 60)).toEqual([]);
  }, 60_000);

  test("more rows than a batch may hold are put right in several, each of which makes it better", async () => {
    await using w = await world(engine);
    await happen(w.source, 5_600, 5_600);
    w.project();
    await reached(w.target, 5_600);
    const right = await names(w.target);
    await w.target.write([sql`delete from names`]);
    const reading = reader(w.target);
    const corrected = await rebuild(w.target, w.source);
    await reading.stop();
    expect(corrected.get("names")).toBe(5_600);
    expect(await names(w.target)).toEqual(right);
    expect([...reading.found]).toEqual([...reading.found].toSorted((a, b) => a - b));
    await happen(w.source, 1);
    await reached(w.target, 5_601);
  }, 60_000);
});

test("an answer that is lost changes nothing about the result", async () => {
  await using w = await world();
  await happen(w.source, 60, 20);
  w.project();
  await reached(w.target, 60);
  const right = await names(w.target);
  await w.target.write([sql`delete from names`]);
  const deaf = intercepted(w.target, {
    written: () => {
      throw new DatabaseError("unknown_outcome", new Error("no answer"));
    },
  });
  await expect(rebuild(deaf, w.source)).rejects.toMatchObject({ failure: "unknown_outcome" });
  await rebuild(w.target, w.source);
  expect(await names(w.target)).toEqual(right);
  expect(await faults(w.target, 60)).toEqual([]);
});

test("parked events stay parked, with those behind them, and a replay applies them in order", async () => {
  await using w = await world();
  await w.source.write([updated("a"), updated("a", "poison"), updated("a"), updated("b")]);
  w.project();
  await reached(w.target, 4);
  await rebuild(w.target, w.source);
  expect(await sequences(w.target)).toEqual([1, 4]);
  expect(await count(w.target, "dead_letters")).toBe(2);
  expect(await replay(w.target, handlers({ fixed: true }))).toMatchObject({ applied: 2, left: 0 });
  expect(await sequences(w.target)).toEqual([1, 4, 2, 3]);
  expect(await count(w.target, "notes")).toBe(4);
  await happen(w.source, 1);
  await reached(w.target, 5);
});

test("an event that was applied once and cannot be any more ends the rebuild, and nothing was changed", async () => {
  await using w = await world();
  await w.source.write([updated("b"), updated("a", "poison"), updated("a")]);
  w.project(handlers({ fixed: true }));
  await reached(w.target, 3);
  await w.target.write([sql`delete from names where user_id = 'b'`]);
  await expect(rebuild(w.target, w.source)).rejects.toThrow(
    "Event 2 of identity (user.updated) was applied once and cannot be any more: constraint: not_poison. Nothing was changed.",
  );
  expect(await count(w.target, "dead_letters")).toBe(0);
  expect(await names(w.target)).toEqual([{ user_id: "a", username: "ada", sequence: 3 }]);
});

test("when an event is parked or replayed meanwhile, the rebuild begins again with what is parked then", async () => {
  await using w = await world();
  await w.source.write([updated("a", "poison"), updated("a"), updated("b")]);
  w.project();
  await reached(w.target, 3);
  let replayed = false;
  const meanwhile = intercepted(w.target, {
    read: async ([statement]) => {
      if (replayed || !statement?.sql.includes('from "names"')) return;
      replayed = true;
      await replay(w.target, handlers({ fixed: true }));
    },
  });
  await rebuild(meanwhile, w.source, { handlers: handlers({ fixed: true }) });
  expect(replayed).toBe(true);
  expect(await count(w.target, "dead_letters")).toBe(0);
  expect((await sequences(w.target)).toSorted()).toEqual([1, 2, 3]);
  expect((await names(w.target)).map(({ user_id }) => user_id)).toEqual(["a", "b"]);
});

const fixed = handlers({ fixed: true });

/** Two users with a wrong row each; the last event of one of them is parked, and can be applied by now. */
async function damaged() {
  const w = await world();
  await w.source.write([updated("a"), updated("b")]);
  await catchUp(w.target, w.source);
  await w.source.write([updated("a", "poison")]);
  await parkNext(w.target, w.source);
  await w.target.write([sql`update names set username = 'nobody'`]);
  return w;
}

/** What is wrong once everything was applied: the names must be those of a database that applied everything at once. */
async function wrong({ source, target }: { readonly source: Database; readonly target: Database }) {
  await using other = await worldDatabase();
  await catchUp(other.db, source, fixed);
  const events = await sequences(other.db);
  const is = [await names(target), (await sequences(target)).toSorted(), await count(target, "notes")];
  expect(await count(target, "dead_letters")).toBe(0);
  expect(is).toEqual([await names(other.db), events, events.length]);
}

test.each<[string, (w: { readonly source: Database; readonly target: Database }) => Promise<unknown>]>([
  ["a replay", ({ target }) => replay(target, fixed)],
  ["another rebuild", ({ source, target }) => rebuild(target, source, { handlers: fixed })],
  [
    "an event that is applied, and one that is parked",
    async ({ source, target }) => {
      await source.write([updated("b", "bea"), updated("a", "anna")]);
      await catchUp(target, source, fixed);
    },
  ],
])(
  "%s before any step of a rebuild leaves nothing wrong, and no event is applied twice or lost",
  async (_what, rival) => {
    await atEveryStep(async (overtaken, step) => {
      await using w = await damaged();
      // Whoever watches a journal reads it beside the command, so that the other may end after it.
      let ended: Promise<unknown> = Promise.resolve();
      const other = () => {
        ended = rival(w);
        return ended;
      };
      await rebuild(overtaken(w.target, other), overtaken(w.source, other), { handlers: fixed });
      await ended;
      expect([step, await count(w.target, "names where username = 'nobody'")]).toEqual([step, 0]);
      await replay(w.target, fixed);
      await wrong(w);
    });
  },
);

test("a replay while a cursor never rests is not undone by the rebuild that sets the cursor back", async () => {
  await using w = await damaged();
  let refused = 0;
  const restless = intercepted(w.target, {
    write: async () => {
      // The twenty-first batch sets the cursor back.
      if (++refused > 21) return;
      await w.source.write([updated("b")]);
      await catchUp(w.target, w.source, fixed);
      if (refused === 21) expect(await replay(w.target, fixed)).toMatchObject({ applied: 1, left: 0 });
    },
  });
  await rebuild(restless, w.source, { handlers: fixed });
  await catchUp(w.target, w.source, fixed);
  expect(await names(w.target)).toEqual([
    { user_id: "a", username: "cured", sequence: 3 },
    { user_id: "b", username: "ada", sequence: 24 },
  ]);
});

test("nothing was applied yet: a rebuild finds nothing wrong, and the first event is applied", async () => {
  await using w = await world();
  expect(Object.fromEntries(await rebuild(w.target, w.source))).toEqual({ applied: 0, names: 0 });
  await happen(w.source, 3);
  await rebuild(w.target, w.source);
  expect(await count(w.target, "names")).toBe(0);
  w.project();
  await reached(w.target, 3);
  expect(await faults(w.target, 3)).toEqual([]);
});

test("a rebuild that is told to end changes nothing", async () => {
  await using w = await world();
  await happen(w.source, 3);
  w.project();
  await reached(w.target, 3);
  await w.target.write([sql`delete from names`]);
  const ended = rebuild(w.target, w.source, { signal: AbortSignal.abort() });
  await expect(ended).rejects.toThrow("The rebuild was ended; nothing was changed.");
  expect(await count(w.target, "names")).toBe(0);
});

test("a projection without a primary key is refused with its name", () => {
  expect(() => new KeyedTable(sqliteTable("heap", { value: text() }))).toThrow("heap has no primary key");
});
