import { afterAll, beforeEach, expect, test } from "bun:test";
import { type Database, derivedId, type Sql, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, envelopeOf, journalId, readAfter } from "@stoa/journal";
import { eventually, intercepted, startNats } from "@stoa/testing";
import type { NatsConnection } from "nats";
import { acceptSource } from "../accept.ts";
import { showStatus } from "../cli.ts";
import { connectNats } from "../nats.ts";
import type { Operation } from "../operation.ts";
import { startProjector } from "../projector.ts";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import {
  applied,
  count,
  handlers,
  happen,
  memoryLog,
  names,
  restore,
  sequences,
  worldDatabase,
} from "../test/world.ts";
import { on } from "../types.ts";
import { chained, chainHeaders } from "./chain.ts";
import { forkOf } from "./fork.ts";
import { NatsLink } from "./link.ts";
import { chainAt, createStream, deleteStream } from "./stream.ts";

const server = await startNats();
afterAll(() => server[Symbol.asyncDispose]());

const manager = (nc: NatsConnection) => nc.jetstreamManager({ checkAPI: false });

beforeEach(async () => {
  await using nc = await natsFor(server.url);
  await deleteStream(await manager(nc), "identity");
});

/** Identity's journal of 25 events, and the operator's connection. */
async function world() {
  const source = await worldDatabase();
  const log = memoryLog();
  const nc = await natsFor(server.url);
  const link = new NatsLink({ servers: server.url, name: "operator", log });
  await eventually(() => link.connected);
  await happen(source.db, 25);
  return {
    db: source.db,
    log,
    nc,
    link,
    jsm: await manager(nc),
    fork: (db: Database = source.db) => forkOf(link, "identity", db),
    /** Lets a relay copy the journal, for as long as that takes. */
    async relayed(last: number) {
      const transport = connectNats({ servers: server.url, name: "identity", log });
      const relay = transport.relay({ service: "identity", db: source.db });
      await eventually(async () => (await streamEnd(nc, "identity")) === last);
      await relay.stop();
      await transport.close();
    },
    async [Symbol.asyncDispose]() {
      await link.close();
      await nc.close();
      await source.dispose();
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** Publishes rows of the journal behind what is in the stream, as a relay did that compared nothing. */
async function publish({ db, nc, jsm }: World, after: number, chains: boolean): Promise<void> {
  const id = await journalId(db);
  let chain = chains ? await chainAt(jsm, "identity", after) : undefined;
  for (const row of await readAfter(db, after, 1_000)) {
    if (chain !== undefined) chain = chained(chain, row.event_id);
    await nc.jetstream().publish("evt.identity.user.updated", JSON.stringify(envelopeOf("identity", id, row)), {
      ...(chain === undefined ? {} : { headers: chainHeaders(chain) }),
    });
  }
}

test.each([
  ["chained its events", true],
  ["did not", false],
])(
  "a fork that is buried behind later events is found at its first event, where the relay %s",
  async (_how, chains) => {
    await using w = await world();
    if (chains) await w.relayed(25);
    else {
      await createStream(w.jsm, "identity");
      await publish(w, 0, false);
    }
    expect(await w.fork()).toBeUndefined();
    await restore(w.db, 10, 20);
    expect(await w.fork()).toEqual({ after: 10, sameJournal: true });
    await publish(w, 25, chains);
    expect(await streamFaults(w.nc, w.db, "identity")).toHaveLength(15);
    expect(await w.fork()).toEqual({ after: 10, sameJournal: true });
  },
);

test("a stream that is behind its journal, or has lost events, has no fork; one that has others among those it kept has", async () => {
  await using w = await world();
  await w.relayed(25);
  await happen(w.db, 5);
  expect(await w.fork()).toBeUndefined();
  for (const seq of [3, 25]) await w.jsm.streams.deleteMessage("IDENTITY", seq);
  expect(await w.fork()).toBeUndefined();
  await restore(w.db, 20, 12);
  expect(await w.fork()).toEqual({ after: 20, sameJournal: true });
});

test("a stream without chains differs where a message carries no event", async () => {
  await using w = await world();
  await createStream(w.jsm, "identity");
  const id = await journalId(w.db);
  const rows = await readAfter(w.db, 0, 5);
  for (const row of rows) {
    const payload = row.seq === 4 ? "no event" : JSON.stringify(envelopeOf("identity", id, row));
    await w.nc.jetstream().publish("evt.identity.user.updated", payload);
  }
  expect(await w.fork()).toEqual({ after: 3, sameJournal: true });
});

test("a stream of another journal that has the same events differs after the last of them", async () => {
  await using w = await world();
  await w.relayed(25);
  await w.db.write([sql`update journal_identity set journal_id = 'made-anew'`]);
  expect(await w.fork()).toEqual({ after: 25, sameJournal: false });
  await w.jsm.streams.purge("IDENTITY");
  expect(await w.fork()).toBeUndefined();
});

test("where the relay chained its events, a few messages are read of a long stream", async () => {
  await using w = await world();
  await happen(w.db, 1_975);
  await w.relayed(2_000);
  await restore(w.db, 700, 1_300);
  let read = 0;
  const monitor = w.nc.subscribe("$JS.API.STREAM.MSG.GET.IDENTITY", { callback: () => void read++ });
  expect(await w.fork()).toEqual({ after: 700, sameJournal: true });
  await w.nc.flush();
  monitor.unsubscribe();
  expect(read).toBeGreaterThan(5);
  expect(read).toBeLessThan(20);
});

test("a relay says once where stream and journal begin to differ", async () => {
  await using w = await world();
  await w.relayed(25);
  await restore(w.db, 10, 20);
  const transport = connectNats({ servers: server.url, name: "identity", log: w.log });
  let looked = 0;
  const db = intercepted(w.db, { read: ([statement]) => statement?.sql.includes("order by seq limit") && looked++ });
  const relay = transport.relay({ service: "identity", db });
  const reason = "carries another event at 25 than the journal. They differ from event 11 on. Nothing is published";
  await eventually(() => relay.status().stopped?.includes(reason));
  const known = looked;
  // It tries again and again, and finds the same.
  let tries = 0;
  const trying = w.nc.subscribe("$JS.API.STREAM.INFO.IDENTITY", { callback: () => void tries++ });
  await eventually(() => tries > 3);
  trying.unsubscribe();
  expect(looked).toBe(known);
  expect(w.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  await relay.stop();
  await transport.close();
});

test("an event that is relayed while the state is looked at is no fault", async () => {
  await using w = await world();
  const transport = connectNats({ servers: server.url, name: "identity", log: w.log });
  const relay = transport.relay({ service: "identity", db: w.db });
  const relayed = (last: number) => eventually(async () => (await streamEnd(w.nc, "identity")) === last);
  await relayed(25);
  let looked = 0;
  const db: Database = {
    ...w.db,
    query: async <R>(statement: Sql) => {
      const rows = await w.db.query(statement);
      await happen(w.db, 1);
      await relayed(25 + ++looked);
      return rows as R[];
    },
  };
  const lines: string[] = [];
  const operation: Operation = {
    operated: [{ service: "identity", db, handlers: [], projections: [] }],
    databases: new Map([["identity", db]]),
    link: w.link,
    log: w.log,
    say: (line) => lines.push(line),
    signal: new AbortController().signal,
  };
  expect(await showStatus(operation)).toBe(true);
  expect(lines).toEqual(["identity   journal 25, stream 26"]);
  await relay.stop();
  await transport.close();
});

test("a buried fork is accepted: what was never applied is, and what has happened does not happen again", async () => {
  await using w = await world();
  await using messaging = await worldDatabase();
  const noted = on("reaction", "user.updated", (event) => [
    append(system, {
      event_id: derivedId(event.id, "noted"),
      type: "user.updated",
      aggregate_id: event.subject,
      time: event.time,
      data: event.data,
    }).statement,
    sql`insert into notes (event_id) values (${event.id})`,
  ]);
  const its = [...handlers().filter(({ kind }) => kind === "projection"), noted];
  await w.relayed(25);
  const transport = connectNats({ servers: server.url, name: "messaging", log: w.log });
  const project = { service: "messaging", db: messaging.db, handlers: its, log: w.log } as const;
  const projector = startProjector({ ...project, source: transport.source("identity") });
  const reached = (seq: number) =>
    eventually(async () => (await messaging.db.query(sql`select 1 from cursors where seq = ${seq}`)).length === 1);
  await reached(25);
  await restore(w.db, 10, 20);
  await publish(w, 25, true);
  await reached(30);

  const lines: string[] = [];
  const projections = [applied, names].map((table) => ({ table, holds: "what was applied" }));
  const operation: Operation = {
    operated: [
      { service: "identity", db: w.db, handlers: [], projections: [] },
      { service: "messaging", db: messaging.db, handlers: its, projections },
    ],
    databases: new Map([
      ["identity", w.db],
      ["messaging", messaging.db],
    ]),
    link: w.link,
    log: w.log,
    say: (line) => lines.push(line),
    signal: new AbortController().signal,
  };
  await acceptSource(operation, "identity");
  expect(lines.filter((line) => / user\.updated /.test(line))).toHaveLength(20);
  await reached(30);
  expect(await streamFaults(w.nc, w.db, "identity")).toEqual([]);
  expect(await sequences(messaging.db)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  // Once for each of the 25 events before, the 15 that were hidden, and the 5 behind them.
  expect(await count(messaging.db, "notes")).toBe(45);
  expect(await count(messaging.db, "dead_letters")).toBe(0);
  await projector.stop();
  await transport.close();
}, 30_000);
