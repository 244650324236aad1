import { expect, test } from "bun:test";
import { memoryRevocations } from "@stoa/auth";
import { DatabaseError } from "@stoa/db";
import { eventually, intercepted } from "@stoa/testing";
import { openDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { createHub, type HubOptions } from "./hub.ts";
import { formatPosition, noJournal } from "./position.ts";

const now = () => new Date();
const big = "🙂".repeat(16_000);

function hubOf(world: World, options: Partial<HubOptions> = {}) {
  const warnings: string[] = [];
  const hub = createHub({
    db: world.db,
    now,
    revocations: memoryRevocations({ lifetimeSeconds: 900, now }),
    log: { warn: (_, message) => warnings.push(message) },
    ...options,
  });
  return { hub, warnings, [Symbol.dispose]: () => hub.close() };
}

/** Reads a stream by hand: as slowly as the test likes. */
function reading(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    return !done;
  };
  return {
    read,
    toEnd: async () => {
      for (let more = true; more; ) more = await read();
    },
    until: async (part: string) => {
      while (!text.includes(part)) if (!(await read())) throw new Error(`The stream ended before ${part}.`);
    },
    text: () => text,
    seqs: () => [...text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq)),
  };
}

async function conversation(world: World) {
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const send = async (count: number, content: string) => {
    for (let n = 0; n < count; n++) await sendMessage(world.deps, ann, conversation.id, { content });
  };
  return { ann, bob, send };
}

/** A position in a journal of which everything up to a `seq` is known, before the first event of projects. */
const at = (journal = "", seq = 0) =>
  formatPosition({ journals: { events: journal, work: noJournal }, places: { events: seq, marks: seq, work: 0 } });

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

test("a slow reader costs a bounded queue, and still gets every message in order", async () => {
  await using world = await createWorld();
  const { ann, bob, send } = await conversation(world);
  using streams = hubOf(world);
  const slow = reading(await streams.hub.open(bob));
  const quick = reading(await streams.hub.open(ann));
  await Promise.all([slow, quick].map((reader) => reader.until("ready")));
  const all = quick.until('"seq":40,');
  await send(40, big);
  // 40 messages are 2.6 MB. Once the quick reader has them, all that the hub queues for the slow one is queued: half a
  // megabyte, which is read in one go. The rest comes from the database.
  await all;
  await slow.read();
  expect(slow.seqs().length).toBeWithin(2, 15);
  await slow.until('"seq":40,');
  expect(slow.seqs()).toEqual(upTo(40));
});

test("a reader who takes nothing between two signs of life is let go", async () => {
  await using world = await createWorld();
  const { bob, send } = await conversation(world);
  using streams = hubOf(world, { heartbeatMs: 20 });
  const stuck = reading(await streams.hub.open(bob));
  await stuck.until("ready");
  await send(1, "hello");
  await eventually(() => streams.hub.size === 0);
  await stuck.toEnd();
  expect(stuck.seqs()).toEqual([1]);
});

test("a reader who falls hopelessly behind is let go, with no hole in what was read", async () => {
  await using world = await createWorld();
  const { bob, send } = await conversation(world);
  using streams = hubOf(world, { maxBehind: 3 });
  const slow = reading(await streams.hub.open(bob));
  await slow.until("ready");
  await send(30, big);
  await eventually(() => streams.hub.size === 0);
  await slow.toEnd();
  expect(slow.seqs()).toEqual(upTo(slow.seqs().length));
  expect(slow.seqs().length).toBeLessThan(30);
});

test("a database that is away for a moment delays events and loses none", async () => {
  await using world = await createWorld();
  const { bob, send } = await conversation(world);
  let failures = 0;
  const db = intercepted(world.db, {
    read: () => {
      if (failures-- > 0) throw new DatabaseError("unavailable", "busy");
    },
  });
  using streams = hubOf(world, { db, pollMs: 10 });
  const his = reading(await streams.hub.open(bob));
  await his.until("ready");
  failures = 2;
  await send(2, "hello");
  await his.until('"seq":2,');
  expect(his.seqs()).toEqual([1, 2]);
  expect(streams.warnings).toContain("streams cannot read the journal");
});

test.each([
  ["with others", undefined],
  ["alone", 0],
])("a stream that cannot catch up %s ends, so that its client comes back to where it was", async (_how, nearRows) => {
  await using world = await createWorld();
  const { bob, send } = await conversation(world);
  let away = false;
  const db = intercepted(world.db, {
    read: ([statement]) => {
      if (away && /journal.* order by/s.test(statement?.sql ?? "")) throw new DatabaseError("unavailable", "busy");
    },
  });
  using streams = hubOf(world, { db, ...(nearRows === undefined ? {} : { nearRows }) });
  const first = reading(await streams.hub.open(bob));
  await first.until("ready");
  await send(3, "hello");
  away = true;
  const [, journal] = /id: ([0-9a-f]{8})-/.exec(await firstBytes(streams.hub, bob)) ?? [];
  const resumed = reading(await streams.hub.open(bob, at(journal, 1)));
  await resumed.toEnd();
  expect(resumed.seqs()).toEqual([]);
  away = false;
  const again = reading(await streams.hub.open(bob, at(journal, 1)));
  await again.until('"seq":3,');
  expect(again.seqs()).toEqual([1, 2, 3]);
});

/** A database that holds the first resolving of receivers until it is let go. */
function held(world: World) {
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const db = intercepted(world.db, {
    read: async ([statement]) => {
      if (waiting > 0 || !statement?.sql.includes('as "trashed"')) return;
      waiting++;
      await gate.promise;
    },
  });
  return { db, waits: () => waiting === 1, release: gate.resolve };
}

test("a stream that is opened while receivers are being resolved misses nothing", async () => {
  await using world = await createWorld();
  const { ann, bob, send } = await conversation(world);
  const { db, waits, release } = held(world);
  using streams = hubOf(world, { db });
  const hers = reading(await streams.hub.open(ann));
  await hers.until("ready");
  const [, journal, seq] = /id: ([0-9a-f]{8})-(\d+)/.exec(hers.text()) ?? [];
  await send(1, "hello");
  await eventually(waits);
  const his = reading(await streams.hub.open(bob, at(journal, Number(seq))));
  await his.until("retry");
  release();
  await Promise.all([hers.until('"seq":1,'), his.until('"seq":1,')]);
  await send(1, "again");
  await Promise.all([hers.until('"seq":2,'), his.until('"seq":2,')]);
  expect([hers.seqs(), his.seqs()]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a stream that begins now gets nothing from before, though the hub is still at it", async () => {
  await using world = await createWorld();
  const { bob, send } = await conversation(world);
  const { db, waits, release } = held(world);
  using streams = hubOf(world, { db });
  const first = reading(await streams.hub.open(bob));
  await first.until("ready");
  await send(1, "before");
  await eventually(waits);
  const second = reading(await streams.hub.open(bob));
  await second.until("ready");
  release();
  await send(1, "after");
  await Promise.all([first.until('"seq":2,'), second.until('"seq":2,')]);
  expect([first.seqs(), second.seqs()]).toEqual([[1, 2], [2]]);
});

test("revocations that cannot be read end no stream, and are asked again", async () => {
  await using world = await createWorld();
  const { bob } = await conversation(world);
  let away = true;
  const lookup = () => (away ? Promise.reject(new Error("away")) : Promise.resolve({ revoked: "session" as const }));
  using streams = hubOf(world, { revocations: { lookup, onChange: () => () => undefined } });
  const his = reading(await streams.hub.open(bob));
  await his.until("ready");
  await eventually(() => streams.warnings.includes("streams cannot read the revocations"));
  expect(streams.hub.size).toBe(1);
  away = false;
  await his.toEnd();
});

test("with revocations that tell of no changes, sessions are asked for again and again", async () => {
  await using world = await createWorld();
  const { bob } = await conversation(world);
  let revoked: false | "session" = false;
  using streams = hubOf(world, { revocations: { lookup: async () => ({ revoked }) } });
  const his = reading(await streams.hub.open(bob));
  await his.until("ready");
  revoked = "session";
  await his.toEnd();
  expect(streams.hub.size).toBe(0);
});

async function firstBytes(hub: ReturnType<typeof createHub>, person: Person): Promise<string> {
  const reader = (await hub.open(person)).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}
