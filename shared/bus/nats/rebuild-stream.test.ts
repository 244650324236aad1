import { afterAll, beforeEach, expect, test } from "bun:test";
import type { Database, Sql } from "@stoa/db";
import { journalId } from "@stoa/journal";
import { eventually, intercepted, startNats } from "@stoa/testing";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import { happen, memoryLog, restore, worldDatabase } from "../test/world.ts";
import { NatsLink } from "./link.ts";
import { type RebuildStreamOptions, rebuildStream } from "./rebuild-stream.ts";
import { startRelay } from "./relay.ts";
import { deleteStream } from "./stream.ts";

const server = await startNats();
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await using nc = await natsFor(server.url);
  await deleteStream(await nc.jetstreamManager({ checkAPI: false }), "identity");
});

/** A journal of 20 events, and a connection to its stream. */
async function world() {
  const source = await worldDatabase();
  const log = memoryLog();
  const nc = await natsFor(server.url);
  const link = new NatsLink({ servers: server.url, name: "operator", log });
  await eventually(() => link.connected);
  await happen(source.db, 20);
  const options = { service: "identity", db: source.db, link, log, signal: new AbortController().signal } as const;
  return {
    ...options,
    nc,
    jsm: await nc.jetstreamManager({ checkAPI: false }),
    rebuild: (more: Partial<RebuildStreamOptions> = {}) => rebuildStream({ ...options, ...more }),
    faults: () => streamFaults(nc, source.db, "identity"),
    async [Symbol.asyncDispose]() {
      await link.close();
      await nc.close();
      await source.dispose();
    },
  };
}

/** A journal whose rows cannot be read until `open`; its last sequence can. */
function gated(db: Database) {
  const gate = Promise.withResolvers<void>();
  const read = async ([statement]: readonly Sql[]) => {
    if (statement?.sql.includes("where seq >")) await gate.promise;
  };
  return { db: intercepted(db, { read }), open: () => gate.resolve() };
}

test("the progress of a long journal is reported", async () => {
  await using w = await world();
  const { db, open } = gated(w.db);
  const heard: [number, number][] = [];
  const progress = (...told: [number, number]) => {
    heard.push(told);
    open();
  };
  expect(await w.rebuild({ db, progress })).toEqual({ last: 20 });
  expect(heard).toEqual([[0, 20]]);
  expect(await w.faults()).toEqual([]);
});

test("when it is cancelled before the stream is complete it says so, and the service's own relay goes on", async () => {
  await using w = await world();
  const { db, open } = gated(w.db);
  const stop = new AbortController();
  const rebuilding = w.rebuild({ db, signal: stop.signal });
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 0);
  stop.abort();
  open();
  await expect(rebuilding).rejects.toThrow("The stream is not complete yet; the service's relay goes on filling it.");
  const relay = startRelay(w);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 20);
  await relay.stop();
  expect(await w.faults()).toEqual([]);
});

test.each([
  ["its last events", [19, 20]],
  ["some in the middle", [7, 8]],
  ["all of them", Array.from({ length: 20 }, (_, index) => index + 1)],
])("a stream that lost %s has no event that the journal lacks", async (_what, lost) => {
  await using w = await world();
  const journal = await journalId(w.db);
  await w.rebuild();
  for (const seq of lost) await w.jsm.streams.deleteMessage("IDENTITY", seq);
  expect(await w.rebuild()).toEqual({ last: 20 });
  expect(await journalId(w.db)).toBe(journal);
  expect(await w.faults()).toEqual([]);
});

test("a restored journal has one new id, also when somebody else makes its stream again in between", async () => {
  await using w = await world();
  await w.rebuild();
  await restore(w.db, 10, 5);
  const ids: string[] = [];
  const db = intercepted(w.db, {
    write: async () => {
      if (ids.length > 0) return;
      expect(await w.rebuild()).toEqual({ last: 15, forkedAfter: 10 });
      ids.push(await journalId(w.db));
    },
  });
  expect(await w.rebuild({ db })).toEqual({ last: 15 });
  expect([await journalId(w.db)]).toEqual(ids);
  expect(await w.faults()).toEqual([]);
});
