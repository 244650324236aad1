import { expect, test } from "bun:test";
import { type Database, sql } from "@stoa/db";
import { atEveryStep, eventually, rowsOf, startNats } from "@stoa/testing";
import { acceptSource } from "./accept.ts";
import { rebuildService, showStatus } from "./cli.ts";
import { inProcess } from "./in-process.ts";
import { NatsLink } from "./nats/link.ts";
import { createStream, deleteStream } from "./nats/stream.ts";
import { connectNats } from "./nats.ts";
import type { Operation } from "./operation.ts";
import { startProjector } from "./projector.ts";
import { replay } from "./replay.ts";
import { streamFaults } from "./test/stream.ts";
import {
  applied,
  catchUp,
  handlers,
  happen,
  memoryLog,
  names,
  parkNext,
  restore,
  sequences,
  updated,
  worldDatabase,
} from "./test/world.ts";
import type { Handler } from "./types.ts";

const reached = (db: Database, seq: number) =>
  eventually(async () => (await db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1, {
    within: 10_000,
  });

/** What the operator's commands work on: messaging, which follows identity. */
function operation(
  identity: Database,
  messaging: Database,
  { link, taking = handlers() }: { readonly link?: NatsLink; readonly taking?: readonly Handler[] } = {},
) {
  const lines: string[] = [];
  const its: Operation = {
    operated: [
      { service: "identity", db: identity, handlers: [], projections: [] },
      {
        service: "messaging",
        db: messaging,
        handlers: taking,
        projections: [
          { table: applied, holds: "what was applied" },
          { table: names, holds: "the names", kept: true },
        ],
      },
    ],
    databases: new Map([
      ["identity", identity],
      ["messaging", messaging],
    ]),
    ...(link ? { link } : {}),
    log: memoryLog(),
    say: (line) => lines.push(line),
    signal: new AbortController().signal,
  };
  return { its, lines };
}

/** Events of the journal that have no reaction or several, by sequence. */
async function unreacted(identity: Database, messaging: Database): Promise<number[]> {
  const made = await rowsOf<{ event_id: string }>(messaging, sql`select event_id from notes`);
  const rows = await rowsOf<{ seq: number; event_id: string }>(identity, sql`select seq, event_id from journal`);
  return rows.filter((row) => made.filter((note) => note.event_id === row.event_id).length !== 1).map((row) => row.seq);
}

test("in process, a restored source is accepted: projections are rebuilt, and its new events have their reactions", async () => {
  await using identity = await worldDatabase();
  await using messaging = await worldDatabase();
  const log = memoryLog();
  await happen(identity.db, 20);
  await identity.db.write([updated("late", "poison"), updated("late")]);
  const transport = inProcess({ identity: identity.db }, log);
  const project = { service: "messaging", db: messaging.db, handlers: handlers(), log } as const;
  const projector = startProjector({ ...project, source: transport.source("identity") });
  await reached(messaging.db, 22);
  await restore(identity.db, 10);
  await happen(identity.db, 5);
  await eventually(() => projector.status().stopped?.includes("`bun run events accept identity`"));

  const { its, lines } = operation(identity.db, messaging.db);
  expect(await showStatus(its)).toBe(false);
  const why =
    "The events of identity end at 15, but event 22 was applied. Nothing is applied until you run `bun run events accept identity`.";
  expect(lines).toContain(`           ${why}`);
  await expect(rebuildService(its, "messaging", {})).rejects.toThrow(why);
  lines.splice(0);
  await acceptSource(its, "identity");
  expect(lines).toEqual([
    "messaging  had applied 12 events of identity that the journal lacks, 11 to 22; what it did about them stays",
    "messaging  applied, what was applied: 10 rows were put right",
    "messaging  names, the names: nothing was wrong",
    "messaging  it goes on when Stoa starts, after event 10 of identity",
  ]);
  await reached(messaging.db, 15);
  expect(await sequences(messaging.db)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  expect(await unreacted(identity.db, messaging.db)).toEqual([]);
  expect(await messaging.db.query(sql`select 1 from dead_letters`)).toEqual([]);
  await eventually(() => projector.status().stopped === undefined);

  lines.splice(0);
  expect(await showStatus(its)).toBe(true);
  await acceptSource(its, "identity");
  expect(lines.at(-1)).toBe("messaging  applied nothing that the journal of identity lacks");
  await projector.stop();
  await transport.close();
});

test.each([
  ["to the same end", 3],
  ["further", 5],
])(
  "another accept before any step of one, after which events come as far as before or %s: each has its reaction once",
  async (_how, more) => {
    await atEveryStep(async (overtaken, step) => {
      await using identity = await worldDatabase();
      await using messaging = await worldDatabase();
      await happen(identity.db, 6);
      await catchUp(messaging.db, identity.db);
      await restore(identity.db, 3, more);
      const accept = async (its: Operation) => {
        await acceptSource(its, "identity");
        await catchUp(messaging.db, identity.db);
      };
      // Whoever watches a journal reads it beside the command, so that the other may end after it.
      let rival = Promise.resolve();
      const other = () => {
        rival = accept(operation(identity.db, messaging.db).its);
        return rival;
      };
      const { its } = operation(overtaken(identity.db, other), overtaken(messaging.db, other));
      await accept(its);
      await rival;
      const all = Array.from({ length: 3 + more }, (_, index) => index + 1);
      const is = [await sequences(messaging.db), await unreacted(identity.db, messaging.db)];
      expect([step, ...is]).toEqual([step, all, []]);
    });
  },
);

test.each(["accept", "replay"])(
  "the one of a replay and an accept before any step of the other (%s): no event of before the restore comes back",
  async (first) => {
    await atEveryStep(async (overtaken, step) => {
      await using identity = await worldDatabase();
      await using messaging = await worldDatabase();
      await happen(identity.db, 2);
      await catchUp(messaging.db, identity.db);
      await identity.db.write([updated("kept", "poison"), updated("lost", "poison")]);
      await parkNext(messaging.db, identity.db);
      await parkNext(messaging.db, identity.db);
      await restore(identity.db, 3, 2);
      const fixed = handlers({ fixed: true });
      const accept = async (...its: [identity: Database, messaging: Database]) => {
        await acceptSource(operation(...its, { taking: fixed }).its, "identity");
        await catchUp(messaging.db, identity.db, fixed);
      };
      let rival: Promise<unknown> | undefined;
      const other = () => {
        rival ??= first === "accept" ? accept(identity.db, messaging.db) : replay(messaging.db, fixed);
        return rival;
      };
      if (first === "accept") await replay(overtaken(messaging.db, other), fixed);
      else await accept(overtaken(identity.db, other), overtaken(messaging.db, other));
      await other();
      await replay(messaging.db, fixed);
      const is = [(await sequences(messaging.db)).toSorted(), await unreacted(identity.db, messaging.db)];
      expect([step, ...is]).toEqual([step, [1, 2, 3, 4, 5], []]);
      expect(await messaging.db.query(sql`select username, sequence from names where user_id = 'kept'`)).toEqual([
        { username: "cured", sequence: 3 },
      ]);
    });
  },
);

test.each(["with its stream kept", "with its stream lost", "with its stream lost under its relay"])(
  "over NATS, a source that is restored %s is accepted",
  async (how) => {
    await using server = await startNats();
    await using identity = await worldDatabase();
    await using messaging = await worldDatabase();
    const log = memoryLog();
    await happen(identity.db, 25);
    const transport = connectNats({ servers: server.url, name: "identity", log });
    const link = new NatsLink({ servers: server.url, name: "operator", log });
    await eventually(() => link.connected);
    const first = transport.relay({ service: "identity", db: identity.db });
    const project = { service: "messaging", db: messaging.db, handlers: handlers(), log } as const;
    const projector = startProjector({ ...project, source: transport.source("identity") });
    await reached(messaging.db, 25);
    const nc = link.connection();
    const lost = how.includes("lost");
    const stays = how !== "with its stream lost";
    if (!stays) await first.stop();
    await restore(identity.db, 10, 20);
    // A relay that runs must have seen it before, or it would fill the stream as it was.
    if (stays) await eventually(() => first.status().stopped !== undefined);
    if (lost) await deleteStream(await nc.jetstreamManager({ checkAPI: false }), "identity");
    const relay = stays ? first : transport.relay({ service: "identity", db: identity.db });
    const stopped = () => (stays ? relay.status().stopped : projector.status().stopped);
    await eventually(() => stopped() !== undefined, { within: 20_000 });

    const { its, lines } = operation(identity.db, messaging.db, { link });
    await acceptSource(its, "identity");
    expect(lines.filter((line) => / user\.updated /.test(line)).length).toBe(lost ? 0 : 15);
    expect(lines).toContain(
      "messaging  had applied 15 events of identity that the journal lacks, 11 to 25; what it did about them stays",
    );
    await reached(messaging.db, 30);
    expect(await sequences(messaging.db)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(await unreacted(identity.db, messaging.db)).toEqual([]);
    await eventually(() => relay.status().stopped === undefined && projector.status().stopped === undefined);
    expect(await streamFaults(nc, identity.db, "identity")).toEqual([]);
    await createStream(await nc.jetstreamManager({ checkAPI: false }), "messaging");
    expect(await showStatus(its)).toBe(true);
    await projector.stop();
    await relay.stop();
    await link.close();
    await transport.close();
  },
  60_000,
);
