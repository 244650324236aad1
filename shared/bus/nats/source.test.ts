import { afterAll, beforeEach, expect, test } from "bun:test";
import type { Database } from "@stoa/db";
import { sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { eventually, nextMoment, startNats, startSqld } from "@stoa/testing";
import { connectNats } from "../nats.ts";
import { startProjector } from "../projector.ts";
import { tail } from "../tail.ts";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import {
  envelope,
  faults,
  handlers,
  happen,
  memoryLog,
  rebuild,
  restore,
  sequences,
  worldAt,
  worldDatabase,
} from "../test/world.ts";
import { type EventSource, JournalChanged, type StartAt } from "../types.ts";
import { NatsLink } from "./link.ts";
import { Pull, PullBroken, pullStart } from "./pull.ts";
import { createStream, deleteStream } from "./stream.ts";

const server = await startNats();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await using nc = await natsFor(server.url);
  await deleteStream(await nc.jetstreamManager({ checkAPI: false }), "identity");
});

/** Identity with its relay, and messaging's connection to NATS. */
async function world() {
  const source = await worldDatabase();
  const target = await worldDatabase();
  const log = memoryLog();
  const nc = await natsFor(server.url);
  const identity = connectNats({ servers: server.url, name: "identity", log });
  const messaging = connectNats({ servers: server.url, name: "messaging", log });
  const relay = identity.relay({ service: "identity", db: source.db });
  const running: { stop(): Promise<void> }[] = [];
  return {
    source: source.db,
    target: target.db,
    log,
    nc,
    relay,
    events: messaging.source("identity"),
    project: (db: Database = target.db) => {
      const projector = startProjector({
        service: "messaging",
        db,
        source: messaging.source("identity"),
        handlers: handlers(),
        log,
      });
      running.push(projector);
      return projector;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((projector) => projector.stop()));
      await relay.stop();
      await Promise.all([identity.close(), messaging.close()]);
      await nc.close();
      await source.dispose();
      await target.dispose();
    },
  };
}

const reached = (db: Database, seq: number, within = 10_000) =>
  eventually(async () => (await db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1, { within });

/** Follows a source until it is disposed of, and keeps the events that were delivered. */
function following(source: EventSource, start: StartAt) {
  const stop = new AbortController();
  const came: Envelope[] = [];
  const behind: number[] = [];
  const ended = source
    .follow(
      start,
      async (events) => void came.push(...events),
      stop.signal,
      (events) => behind.push(events),
    )
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return {
    came,
    behind,
    ended,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

test("every event reaches the database once and in order through the stream", async () => {
  await using w = await world();
  await happen(w.source, 1_200);
  const projector = w.project();
  await reached(w.target, 1_200);
  await happen(w.source, 10);
  await reached(w.target, 1_210);
  expect(await faults(w.target, 1_210)).toEqual([]);
  await eventually(() => projector.status().lag === 0);
});

test("reading begins after a sequence or at a time", async () => {
  await using w = await world();
  await happen(w.source, 20);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 20);
  await using after = following(w.events, { after: 15 });
  await eventually(() => after.came.length === 5);
  expect(after.came.map((event) => event.sequence)).toEqual([16, 17, 18, 19, 20]);
  expect(after.behind.at(-1)).toBe(0);
  await using all = following(w.events, { since: "2020-01-01T00:00:00.000Z" });
  await eventually(() => all.came.length === 20);
  await nextMoment();
  const now = new Date().toISOString();
  await using later = following(w.events, { since: now });
  await eventually(() => later.behind.at(-1) === 0);
  await happen(w.source, 2);
  await eventually(() => later.came.length === 2);
  expect(later.came.every((event) => event.time >= now)).toBe(true);
});

test("nothing is delivered while the cursor lies beyond the stream's end; then the next event is", async () => {
  await using w = await world();
  await happen(w.source, 5);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 5);
  await using reader = following(w.events, { after: 8 });
  await eventually(() => reader.behind.at(-1) === 0);
  await happen(w.source, 6);
  await eventually(() => reader.came.length === 3);
  expect(reader.came.map((event) => event.sequence)).toEqual([9, 10, 11]);
});

test("reading ends with JournalChanged when the stream has another journal, even before the cursor is reached", async () => {
  await using w = await world();
  await happen(w.source, 5);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 5);
  await using reader = following(w.events, { after: 8, journal_id: "an older one" });
  expect(await reader.ended).toBeInstanceOf(JournalChanged);
  await using other = following(w.events, { after: 3, journal_id: "an older one" });
  expect(await other.ended).toBeInstanceOf(JournalChanged);
});

test("a stream that lacked what was applied and has it again is followed, and nothing says that it stopped, though nothing happens", async () => {
  await using w = await world();
  await happen(w.source, 5);
  const projector = w.project();
  await reached(w.target, 5);
  await w.relay.stop();
  const jsm = await w.nc.jetstreamManager({ checkAPI: false });
  await deleteStream(jsm, "identity");
  await createStream(jsm, "identity");
  const ended = "The events of identity end at 0, but event 5 was applied.";
  await eventually(() => projector.status().stopped?.startsWith(ended), { within: 20_000 });
  const transport = connectNats({ servers: server.url, name: "identity", log: w.log });
  const relay = transport.relay({ service: "identity", db: w.source });
  await eventually(() => projector.status().stopped === undefined, { within: 20_000 });
  expect(await streamEnd(w.nc, "identity")).toBe(5);
  expect(await sequences(w.target)).toEqual([1, 2, 3, 4, 5]);
  await relay.stop();
  await transport.close();
}, 40_000);

test("a journal that is restored together with a new stream stops its readers: shorter first, then with other events", async () => {
  await using w = await world();
  await happen(w.source, 25);
  const projector = w.project();
  await reached(w.target, 25);
  await w.relay.stop();
  await deleteStream(await w.nc.jetstreamManager({ checkAPI: false }), "identity");
  await restore(w.source, 10);
  const transport = connectNats({ servers: server.url, name: "identity", log: w.log });
  const relay = transport.relay({ service: "identity", db: w.source });
  const ended = "The events of identity end at 10, but event 25 was applied.";
  await eventually(() => projector.status().stopped?.startsWith(ended), { within: 20_000 });
  await happen(w.source, 20);
  const another = "Event 25 of identity is not the one that was applied.";
  await eventually(() => projector.status().stopped?.startsWith(another), { within: 20_000 });
  expect(await streamEnd(w.nc, "identity")).toBe(30);
  expect(await sequences(w.target)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  await relay.stop();
  await transport.close();
}, 40_000);

test("when the reader throws, the call rejects with that error", async () => {
  await using w = await world();
  await happen(w.source, 1);
  const broken = w.events.follow(
    { after: 0 },
    () => Promise.reject(new RangeError("mine")),
    new AbortController().signal,
  );
  expect(await broken.catch((error: unknown) => error)).toEqual(new RangeError("mine"));
});

test("readers do not notice that a stream is deleted and filled again under load", async () => {
  await using w = await world();
  await happen(w.source, 500);
  w.project();
  await reached(w.target, 500);
  const jsm = await w.nc.jetstreamManager({ checkAPI: false });
  const load = (async () => {
    for (let round = 0; round < 20; round++) await happen(w.source, 25);
  })();
  await deleteStream(jsm, "identity");
  await load;
  await reached(w.target, 1_000, 20_000);
  expect(await faults(w.target, 1_000)).toEqual([]);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 1_000);
  expect(await streamFaults(w.nc, w.source, "identity")).toEqual([]);
}, 30_000);

test("when nats-server is killed and started again twice under load, no event is lost, doubled or out of order", async () => {
  await using w = await world();
  w.project();
  w.project();
  for (let round = 1; round <= 2; round++) {
    const load = (async () => {
      for (let some = 0; some < 20; some++) await happen(w.source, 25);
    })();
    await server.kill9();
    await load;
    await server.start();
  }
  await reached(w.target, 1_000, 20_000);
  expect(await faults(w.target, 1_000)).toEqual([]);
}, 40_000);

test("a server that hangs with its connections open is noticed within seconds, and reading goes on", async () => {
  await using w = await world();
  await happen(w.source, 10);
  w.project();
  await reached(w.target, 10);
  await server.freeze();
  await happen(w.source, 10);
  await eventually(() => w.log.lines.some((line) => line.message === "The connection to NATS was lost."));
  server.signal("SIGCONT");
  await reached(w.target, 20, 15_000);
  expect(await faults(w.target, 20)).toEqual([]);
}, 30_000);

test("a rebuild from the stream puts right what is wrong and repeats no reaction", async () => {
  await using w = await world();
  await happen(w.source, 300);
  w.project();
  await reached(w.target, 300);
  await w.target.write([sql`delete from names`, sql`delete from applied where sequence > 100`]);
  const corrected = await rebuild(w.target, w.source, { source: () => w.events });
  expect(Object.fromEntries(corrected)).toEqual({ applied: 200, names: 7 });
  await happen(w.source, 5);
  await reached(w.target, 305);
  expect(await faults(w.target, 305)).toEqual([]);
});

test("a stream that ends before what was applied gives no rebuild", async () => {
  await using w = await world();
  await happen(w.source, 3);
  w.project();
  await reached(w.target, 3);
  await w.relay.stop();
  const jsm = await w.nc.jetstreamManager({ checkAPI: false });
  await deleteStream(jsm, "identity");
  await createStream(jsm, "identity");
  for (const sequence of [1, 2]) {
    await w.nc.jetstream().publish("evt.identity.user.updated", JSON.stringify(envelope(sequence)));
  }
  await expect(rebuild(w.target, w.source, { source: () => w.events })).rejects.toThrow("end at 2, but event 3");
  expect(await faults(w.target, 3)).toEqual([]);
});

test("two instances over HTTP on sqld apply every event once, also when sqld is killed", async () => {
  await using sqld = await startSqld();
  const first = await worldAt(sqld.url);
  const second = await worldAt(sqld.url);
  await using w = await world();
  w.project(first);
  w.project(second);
  for (let round = 0; round < 5; round++) await happen(w.source, 100);
  await reached(first, 500);
  await sqld.kill9();
  for (let round = 0; round < 5; round++) await happen(w.source, 100);
  await sqld.start();
  await eventually(() => reached(first, 1_000, 1_000));
  expect(await faults(first, 1_000)).toEqual([]);
}, 60_000);

/** A stream of identity with these events, whatever their sequences, and without a relay that would repair it. */
async function forged(w: Awaited<ReturnType<typeof world>>, sequences: readonly number[]) {
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 0);
  await w.relay.stop();
  for (const sequence of sequences) {
    await w.nc.jetstream().publish("evt.identity.user.updated", JSON.stringify(envelope(sequence)));
  }
}

test("an event at another stream sequence than its own is not delivered", async () => {
  await using w = await world();
  await forged(w, [7]);
  await using reader = following(w.events, { after: 0 });
  expect(String(await reader.ended)).toContain(
    "cannot be read in the stream IDENTITY: it says that it is another event",
  );
  expect(reader.came).toEqual([]);
});

test("a missing message is not skipped", async () => {
  await using w = await world();
  await forged(w, [1, 2, 3]);
  await (await w.nc.jetstreamManager({ checkAPI: false })).streams.deleteMessage("IDENTITY", 2);
  await using reader = following(w.events, { after: 1 });
  await eventually(() => JSON.stringify(w.log.lines).includes("Sequence 3 came after 1."));
  expect(reader.came).toEqual([]);
});

test("a pull without messages is followed by another", async () => {
  await using w = await world();
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 0);
  const link = new NatsLink({ servers: server.url, name: "pull", log: w.log });
  await link.up(5_000);
  let pulls = 0;
  w.nc.subscribe("$JS.API.CONSUMER.MSG.NEXT.IDENTITY.>", { callback: () => pulls++ });
  await w.nc.flush();
  const pull = await Pull.open(link, "IDENTITY", pullStart({ after: 0 }), 2_100);
  const signal = AbortSignal.timeout(20_000);
  const first = pull.next(10, signal);
  const seen = async () => [...(await first)].map((message) => message.sequence);
  await eventually(() => pulls === 2);
  await happen(w.source, 1);
  expect(await seen()).toEqual([1]);
  pull.break("Enough.");
  expect(await pull.next(1, signal).catch((error: unknown) => error)).toBeInstanceOf(PullBroken);
  pull.close();
  await link.close();
}, 10_000);

test("a journal on sqld is copied like one in a file", async () => {
  await using sqld = await startSqld();
  const db = await worldAt(sqld.url);
  await using w = await world();
  await w.relay.stop();
  await happen(db, 600);
  const transport = connectNats({ servers: server.url, name: "identity", log: w.log });
  const relay = transport.relay({ service: "identity", db });
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 600);
  expect(await streamFaults(w.nc, db, "identity")).toEqual([]);
  await relay.stop();
  await transport.close();
}, 20_000);

test("a tail replays its window, says when it is ready, follows, and survives a restart of the server", async () => {
  await using w = await world();
  await happen(w.source, 150);
  await eventually(async () => (await streamEnd(w.nc, "identity")) === 150);
  const stop = new AbortController();
  const seen: number[] = [];
  const its = tail(
    w.events,
    { since: new Date(Date.now() - 900_000).toISOString(), log: w.log },
    (events) => void seen.push(...events.map((event) => event.sequence)),
    stop.signal,
  );
  expect(await its.ready).toBe(true);
  expect(seen.length).toBe(150);
  await server.kill9();
  await server.start();
  await happen(w.source, 5);
  await eventually(() => seen.length === 155);
  expect(seen).toEqual(Array.from({ length: 155 }, (_, index) => index + 1));
  stop.abort();
  await its.ended;
}, 30_000);
