import { afterAll, expect, test } from "bun:test";
import type { Database } from "@stoa/db";
import { damage, damageKinds, eventually, kindsOfDamage, startNats, startSqld } from "@stoa/testing";
import { damagesIn } from "./damages.ts";
import { healthOf } from "./health.ts";
import { inProcess } from "./in-process.ts";
import { connectNats } from "./nats.ts";
import { startProjector } from "./projector.ts";
import { tail } from "./tail.ts";
import { natsFor, streamEnd } from "./test/stream.ts";
import { faults, handlers, happen, memoryLog, rebuild, sequences, worldAt, worldDatabase } from "./test/world.ts";

const sqld = await startSqld();
const nats = await startNats();
afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

/** A journal of identity in a file or on a server, and a database that follows it. */
async function world(engine: "file" | "http" = "file") {
  const stored = engine === "file" ? await worldDatabase() : undefined;
  const source = stored?.db ?? (await worldAt(sqld.url));
  const target = await worldDatabase();
  return {
    source,
    target: target.db,
    log: memoryLog(),
    async [Symbol.asyncDispose]() {
      if (stored) await stored.dispose();
      else source.close();
      await target.dispose();
    },
  };
}

function following(w: { source: Database; target: Database; log: ReturnType<typeof memoryLog> }) {
  const transport = inProcess({ identity: w.source }, w.log);
  const source = transport.source("identity");
  const projector = startProjector({ service: "messaging", db: w.target, source, handlers: handlers(), log: w.log });
  return {
    projector,
    health: () => healthOf(transport, [projector.status()]),
    async [Symbol.asyncDispose]() {
      await projector.stop();
      await transport.close();
    },
  };
}

test.each(kindsOfDamage)(
  "%s: a projector stops before it with one line, health says so, and all goes on once it is repaired",
  async (kind) => {
    await using w = await world();
    await happen(w.source, 6);
    const repair = await damage(w.source, 4, kind);
    await using its = following(w);
    await eventually(() => its.projector.status().stopped !== undefined);
    const { lag, reasons } = its.health();
    const [{ part, reason } = { part: "", reason: "" }] = reasons;
    expect([part, lag, reasons.length]).toEqual(["projector of identity", 3, 1]);
    expect(reason).toContain("Event 4 of identity");
    expect(reason).toContain(damageKinds[kind].says);
    expect(reason).toContain("It stops messaging after event 3.");
    expect(reason).toContain(kind === "an unknown type" ? "Update Stoa" : "bun run events accept identity");
    expect(reason).not.toContain("\n");
    expect(await sequences(w.target)).toEqual([1, 2, 3]);

    // It builds up to the cursor, which stands before the damage.
    expect([...(await rebuild(w.target, w.source)).values()]).toEqual([0, 0]);
    const lines = w.log.lines.filter(({ level }) => level === "error");
    expect(lines.map(({ message }) => message)).toEqual([reason]);

    await repair();
    await eventually(() => its.projector.status().seq === 6, { within: 15_000 });
    await eventually(() => its.health().reasons.length === 0 && its.health().lag === 0);
    expect(await faults(w.target, 6)).toEqual([]);
  },
);

test("a rebuild refuses an event that was applied when it could still be read, and changes nothing", async () => {
  await using w = await world();
  await happen(w.source, 6);
  await using its = following(w);
  await eventually(() => its.projector.status().seq === 6);
  await damage(w.source, 4, "no JSON");
  const refused = await rebuild(w.target, w.source).catch((error: unknown) => error);
  expect(String(refused)).toMatch(/DamagedEvent: Event 4 of identity \(user\.updated, [-0-9a-f]{36}\) cannot be read/);
  expect(await sequences(w.target)).toEqual([1, 2, 3, 4, 5, 6]);
});

test.each(kindsOfDamage)("%s: the relay stops before it, says so, and goes on once it is repaired", async (kind) => {
  await using w = await world();
  await using nc = await natsFor(nats.url);
  await (await nc.jetstreamManager({ checkAPI: false })).streams.delete("IDENTITY").catch(() => undefined);
  await happen(w.source, 6);
  const repair = await damage(w.source, 4, kind);
  const transport = connectNats({ servers: nats.url, name: "identity", log: w.log });
  const relay = transport.relay({ service: "identity", db: w.source });
  await eventually(() => relay.status().stopped !== undefined);
  const { stopped, lag } = relay.status();
  expect(lag).toBe(3);
  expect(stopped).toContain("Event 4 of identity");
  expect(stopped).toContain(damageKinds[kind].says);
  expect(stopped).toContain("It stops the relay of identity after event 3.");
  expect(await streamEnd(nc, "identity")).toBe(3);
  await repair();
  await eventually(async () => (await streamEnd(nc, "identity")) === 6, { within: 15_000 });
  await eventually(() => relay.status().stopped === undefined && relay.status().lag === 0);
  const told = w.log.lines.map(({ level, message }) => `${level} ${message === stopped ? "stopped" : message}`);
  expect(told.filter((line) => line === "error stopped")).toHaveLength(1);
  expect(told.filter((line) => line.includes("publishing again"))).toHaveLength(1);
  await relay.stop();
  await transport.close();
});

test("a journal on a server stops its readers in the same way", async () => {
  await using w = await world("http");
  await happen(w.source, 5);
  for (const kind of kindsOfDamage) {
    const repair = await damage(w.source, 2, kind);
    const [found] = await Array.fromAsync(damagesIn(w.source, "identity", 0));
    expect(found?.message).toContain(damageKinds[kind].says);
    await repair();
  }
  const repair = await damage(w.source, 3, "no JSON");
  await using its = following(w);
  await eventually(() => its.projector.status().stopped?.includes("Event 3 of identity"));
  expect(its.health().lag).toBe(3);
  await repair();
  await eventually(() => its.projector.status().seq === 5, { within: 15_000 });
});

test.each(kindsOfDamage)(
  "%s: a reader in memory goes on past it, says so, and takes it once it is repaired",
  async (kind) => {
    await using w = await world();
    await happen(w.source, 5);
    const repair = await damage(w.source, 2, kind);
    const stopping = new AbortController();
    const transport = inProcess({ identity: w.source }, w.log);
    const came: number[] = [];
    const reader = tail(
      transport.source("identity"),
      { since: "2020-01-01T00:00:00.000Z", log: w.log, lookMs: 30 },
      (events) => void came.push(...events.map(({ sequence }) => sequence)),
      stopping.signal,
    );
    expect(await reader.ready).toBe(true);
    expect(came).toEqual([1, 3, 4, 5]);
    expect(reader.damage()).toContain("Event 2 of identity");
    expect(reader.damage()).toContain("It is passed over here.");
    await repair();
    await eventually(() => reader.damage() === undefined);
    expect(came).toEqual([1, 3, 4, 5, 2]);
    stopping.abort();
    await reader.ended;
    await transport.close();
  },
);

test("many events that cannot be read do not fill the log of a reader in memory, which counts them", async () => {
  await using w = await world();
  await happen(w.source, 15);
  for (let seq = 2; seq <= 14; seq++) await damage(w.source, seq, "another shape");
  const stopping = new AbortController();
  const transport = inProcess({ identity: w.source }, w.log);
  const came: number[] = [];
  const reader = tail(
    transport.source("identity"),
    { since: "2020-01-01T00:00:00.000Z", log: w.log },
    (events) => void came.push(...events.map(({ sequence }) => sequence)),
    stopping.signal,
  );
  await reader.ready;
  expect(came).toEqual([1, 15]);
  expect(reader.damage()).toContain("There are 12 more.");
  expect(w.log.lines.filter(({ level }) => level === "error")).toHaveLength(10);
  stopping.abort();
  await reader.ended;
  await transport.close();
});
