import { expect, test } from "bun:test";
import { type Database, DatabaseError, openDatabase, sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { eventually, intercepted, LOOKS_IN_A_SECOND, rowsOf } from "@stoa/testing";
import { healthOf } from "./health.ts";
import { inProcess } from "./in-process.ts";
import { startProjectors } from "./start-projectors.ts";
import { tail } from "./tail.ts";
import { faults, handlers, happen, memoryLog, updated, worldDatabase } from "./test/world.ts";
import { JournalChanged, type StartAt, sourceOf } from "./types.ts";

/** Follows identity's journal until disposed of. */
function following(db: Database, start: StartAt) {
  const stop = new AbortController();
  const log = memoryLog();
  const transport = inProcess({ identity: db }, log);
  const came: Envelope[] = [];
  const sizes: number[] = [];
  let behind: number | undefined;
  const ended = transport
    .source("identity")
    .follow(
      start,
      async (events) => {
        came.push(...events);
        sizes.push(events.length);
      },
      stop.signal,
      (events) => {
        behind = events;
      },
    )
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return {
    came,
    sizes,
    ended,
    transport,
    log,
    behind: () => behind,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

test("events are delivered in order, in batches of at most 100, with how many are left", async () => {
  await using stored = await worldDatabase();
  await happen(stored.db, 250);
  await using reader = following(stored.db, { after: 0 });
  await eventually(() => reader.behind() === 0);
  expect(reader.sizes).toEqual([100, 100, 50]);
  expect(reader.came.map((event) => event.sequence)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
});

test("reading from a time on begins with the first event of that time", async () => {
  await using stored = await worldDatabase();
  await stored.db.write([updated("a"), updated("b")]);
  const [row] = await rowsOf<{ time: string }>(stored.db, sql`select time from journal where seq = 2`);
  await using all = following(stored.db, { since: row?.time ?? "" });
  await eventually(() => all.came.at(-1)?.sequence === 2);
  await using later = following(stored.db, { since: "2999-01-01T00:00:00.000Z" });
  await eventually(() => later.behind() === 0);
  await stored.db.write([updated("c")]);
  await eventually(() => later.came.length === 1);
  expect(later.came[0]?.sequence).toBe(3);
});

test("what another process appends to the file is delivered within a second", async () => {
  await using stored = await worldDatabase();
  await using reader = following(stored.db, { after: 0 });
  await eventually(() => reader.behind() === 0);
  const other = await openDatabase(stored.url);
  try {
    await other.write([updated("a")]);
    await eventually(() => reader.came.length === 1, { looks: LOOKS_IN_A_SECOND });
  } finally {
    other.close();
  }
});

test("large rows are delivered in smaller batches, and one that is larger than a batch alone", async () => {
  await using stored = await worldDatabase();
  for (let made = 0; made < 12; made++) await stored.db.write([updated("a", "x".repeat(240_000))]);
  await using reader = following(stored.db, { after: 0 });
  await eventually(() => reader.came.length === 12);
  expect(Math.max(...reader.sizes)).toBeLessThanOrEqual(8);
});

test.each([
  ["to whom events mean nothing", false],
  ["of whose events something comes", true],
])("a follower %s reads several together, and at once what comes after a rest", async (_, effects) => {
  await using stored = await worldDatabase();
  const stop = new AbortController();
  const sizes: number[] = [];
  const ended = inProcess({ identity: stored.db }, memoryLog())
    .source("identity")
    .follow({ after: 0 }, async (events) => sizes.push(events.length) > 0 && effects, stop.signal);
  const read = () => sizes.reduce((sum, size) => sum + size, 0);
  try {
    for (let made = 0; made < 30; made++) {
      await stored.db.write([updated("a")]);
      // A follower that read after every write would have read this one by now.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => read() === 30);
    expect(sizes.length).toBeLessThan(30);
    expect(sizes[0]).toBe(1);
  } finally {
    stop.abort();
    await ended;
  }
});

test("after a write without an event the journal's end is checked once for all followers, and none of them reads", async () => {
  await using stored = await worldDatabase();
  await happen(stored.db, 3);
  const texts: string[] = [];
  const counted = intercepted(stored.db, {
    read: (statements) => texts.push(...statements.map(({ sql: text }) => text)),
  });
  const transport = inProcess({ identity: counted }, memoryLog());
  const stop = new AbortController();
  const came = [0, 0, 0, 0, 0];
  const caughtUp = new Set<number>();
  const all = came.map((_, index) =>
    transport.source("identity").follow(
      { after: 0 },
      async (events) => {
        came[index] = (came[index] ?? 0) + events.length;
      },
      stop.signal,
      (events) => void (events === 0 && caughtUp.add(index)),
    ),
  );
  const pages = () => texts.filter((text) => text.includes("octet_length")).length;
  // Each follower reads a page with the events, and one more after the first check, which cannot know what came before it.
  await eventually(() => caughtUp.size === 5 && came.every((events) => events === 3) && pages() === 10);
  texts.splice(0);
  for (let n = 0; n < 20; n++) await stored.db.write([sql`update names set username = username`]);
  await eventually(() => texts.length > 0);
  expect(pages()).toBe(0);
  await happen(stored.db, 1);
  await eventually(() => came.every((events) => events === 4));
  expect(pages()).toBe(5);
  stop.abort();
  await Promise.all(all);
});

test("reading ends when the journal is not the one that was followed", async () => {
  await using stored = await worldDatabase();
  await using reader = following(stored.db, { after: 3, journal_id: "an older one" });
  expect(await reader.ended).toBeInstanceOf(JournalChanged);
});

test("while a journal cannot be read the transport is not connected; reading goes on when it can be read again", async () => {
  await using stored = await worldDatabase();
  await happen(stored.db, 5);
  let away = true;
  const flaky = intercepted(stored.db, {
    read: () => {
      if (away) throw new DatabaseError("unavailable", "gone");
    },
  });
  await using reader = following(flaky, { after: 0 });
  await eventually(() => !reader.transport.connected());
  expect(healthOf(reader.transport, [])).toEqual({
    transport: "in-process",
    lag: 0,
    reasons: [{ part: "events", reason: "A journal cannot be read now. Its events are applied later." }],
  });
  away = false;
  await eventually(() => reader.came.length === 5);
  expect(reader.transport.connected()).toBe(true);
  expect(reader.log.lines.length).toBe(1);
});

test("closing the transport ends its readers", async () => {
  await using stored = await worldDatabase();
  await using reader = following(stored.db, { after: 0 });
  await reader.transport.close();
  expect(await reader.ended).toBeUndefined();
});

test("a source without a database is refused with the name of its service", () => {
  expect(() => inProcess({}, memoryLog()).source("projects")).toThrow("no database of projects");
  expect(() => sourceOf("nobody.knows" as never)).toThrow("No service has an event nobody.knows.");
});

test("there is one projector for each source, and their state is summed up for the health routes", async () => {
  await using identity = await worldDatabase();
  await using target = await worldDatabase();
  await happen(identity.db, 30);
  const log = memoryLog();
  const transport = inProcess({ identity: identity.db }, log);
  const projectors = startProjectors({ service: "messaging", db: target.db, transport, handlers: handlers(), log });
  let heard = 0;
  const stop = projectors.onApplied(() => heard++);
  await eventually(() => projectors.status()[0]?.seq === 30);
  expect(projectors.status().length).toBe(1);
  expect(heard).toBeGreaterThan(0);
  stop();
  expect(await faults(target.db, 30)).toEqual([]);
  await projectors.stop();
  const stopped = [
    { ...(projectors.status()[0] ?? { source: "identity" as const, seq: 0 }), parked: 1, lag: 4, stopped: "One." },
  ];
  expect(healthOf(transport, stopped, { lag: 9, stopped: "Two." })).toEqual({
    transport: "in-process",
    lag: 9,
    reasons: [
      { part: "relay", reason: "Two." },
      { part: "projector of identity", reason: "One." },
      { part: "projector of identity", reason: "Events of 1 aggregate are parked; see `bun run events status`." },
    ],
  });
});

test("a tail is ready once the window was delivered, then follows; a reader that fails gets the batch again", async () => {
  await using stored = await worldDatabase();
  await happen(stored.db, 20);
  const log = memoryLog();
  const transport = inProcess({ identity: stored.db }, log);
  const stop = new AbortController();
  const seen: number[] = [];
  let failures = 1;
  const its = tail(
    transport.source("identity"),
    { since: "2020-01-01T00:00:00.000Z", log },
    (events) => {
      if (failures-- > 0) throw new TypeError("not now");
      seen.push(...events.map((event) => event.sequence));
    },
    stop.signal,
  );
  expect(await its.ready).toBe(true);
  await happen(stored.db, 1);
  await eventually(() => seen.length === 21);
  expect(seen).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  stop.abort();
  await its.ended;
});

test("a tail begins its window again when the journal was recreated", async () => {
  await using stored = await worldDatabase();
  await happen(stored.db, 3);
  const log = memoryLog();
  const transport = inProcess({ identity: stored.db }, log);
  const stop = new AbortController();
  const seen: string[] = [];
  const its = tail(
    transport.source("identity"),
    { since: "2020-01-01T00:00:00.000Z", log },
    async (events) => {
      const changes = seen.length === 3;
      seen.push(...events.map((event) => event.journalid));
      if (changes) throw new Error("The connection broke.");
    },
    stop.signal,
  );
  await its.ready;
  await stored.db.write([sql`update journal_identity set journal_id = 'made-anew'`]);
  await happen(stored.db, 1);
  await eventually(() => seen.filter((id) => id === "made-anew").length === 4);
  stop.abort();
  await its.ended;
});

test("a tail that cannot catch up in time is not ready", async () => {
  const stop = new AbortController();
  const silent = {
    service: "identity" as const,
    follow: (_start: StartAt, _deliver: unknown, signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  };
  const its = tail(
    silent,
    { since: "2020-01-01T00:00:00.000Z", log: memoryLog(), readyMs: 10 },
    () => undefined,
    stop.signal,
  );
  expect(await its.ready).toBe(false);
  stop.abort();
  await its.ended;
});
