import { afterAll, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { eventually, startNats } from "@stoa/testing";
import { connectNats } from "../nats.ts";
import { startProjector } from "../projector.ts";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import { faults, handlers, happen, memoryLog, worldDatabase } from "../test/world.ts";

const server = await startNats();
afterAll(() => server[Symbol.asyncDispose]());

const DAY_MS = 86_400_000;

/** A journal of identity with 50 events, one of which was redacted after it was published, and a projector. */
async function redacted() {
  const [source, reader] = [await worldDatabase(), await worldDatabase()];
  const log = memoryLog();
  const nc = await natsFor(server.url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  await jsm.streams.delete("IDENTITY").catch((error: unknown) => expect(String(error)).toContain("not found"));
  const link = connectNats({ servers: server.url, name: "identity", log });
  const relay = (now?: () => number) => link.relay({ service: "identity", db: source.db, ...(now && { now }) });
  const projector = startProjector({
    service: "projects",
    db: reader.db,
    source: link.source("identity"),
    handlers: handlers(),
    log,
  });
  await happen(source.db, 50);
  const first = relay();
  await eventually(() => projector.status().lag === 0 && streamEnd(nc, "identity").then((end) => end === 50));
  await first.stop();
  await source.db.write([
    sql`update journal set redacted_at = ${new Date().toISOString()}, data = json_set(data, '$.username', '')
      where seq = 7`,
  ]);
  const cursor = () => reader.db.query(sql`select seq from cursors where source = 'identity'`);
  await eventually(async () => (await cursor())[0]?.["seq"] === 50);
  return {
    relay,
    source: source.db,
    reader: reader.db,
    log,
    created: async () => (await jsm.streams.info("IDENTITY")).created,
    faults: () => streamFaults(nc, source.db, "identity"),
    end: () => streamEnd(nc, "identity"),
    cursor,
    async [Symbol.asyncDispose]() {
      await projector.stop();
      await link.close();
      await nc.close();
      await source.dispose();
      await reader.dispose();
    },
  };
}

test("a day after the stream was created, what was redacted in the journal is removed from it; no cursor moves", async () => {
  await using w = await redacted();
  const before = await w.created();
  expect(await w.faults()).toEqual(["sequence 7 differs"]);
  const relay = w.relay(() => Date.now() + DAY_MS);
  await eventually(async () => (await w.created()) !== before && (await w.end()) === 50);
  expect(await w.faults()).toEqual([]);
  await happen(w.source, 3);
  await eventually(async () => (await w.cursor())[0]?.["seq"] === 53);
  expect(await faults(w.reader, 53)).toEqual([]);
  await relay.stop();
}, 30_000);

test("within that day the stream stays as it is", async () => {
  await using w = await redacted();
  const before = await w.created();
  const relay = w.relay(() => Date.now() + DAY_MS - 60_000);
  await happen(w.source, 1);
  await eventually(async () => (await w.end()) === 51);
  expect(await w.created()).toBe(before);
  await relay.stop();
});

test("a stream that was created after the last redaction stays, however old it is", async () => {
  await using w = await redacted();
  await w.source.write([sql`update journal set redacted_at = '2026-01-01T00:00:00.000Z' where seq = 7`]);
  const before = await w.created();
  const relay = w.relay(() => Date.now() + 100 * DAY_MS);
  await happen(w.source, 1);
  await eventually(async () => (await w.end()) === 51);
  expect(await w.created()).toBe(before);
  await relay.stop();
});
