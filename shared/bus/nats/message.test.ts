import { afterAll, expect, test } from "bun:test";
import { eventually, startNats } from "@stoa/testing";
import type { NatsConnection } from "nats";
import { showStatus } from "../cli.ts";
import { connectNats } from "../nats.ts";
import type { Operation } from "../operation.ts";
import { startProjector } from "../projector.ts";
import { tail } from "../tail.ts";
import { natsFor } from "../test/stream.ts";
import { envelope, handlers, memoryLog, sequences, worldDatabase } from "../test/world.ts";
import { NatsLink } from "./link.ts";
import { createStream, deleteStream } from "./stream.ts";

const server = await startNats();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const good = (sequence: number) => JSON.stringify(envelope(sequence));
const changed = (fields: object) => JSON.stringify({ ...envelope(3), ...fields });

/** Everything that a message may carry in place of an event, and what is said of it. */
const bad = [
  ["no JSON", '{"specversion"', "it is no JSON of an event"],
  ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "it is no JSON of an event"],
  ["no object", "7", "it is no JSON of an event"],
  ["another event", changed({ sequence: 7 }), "it says that it is another event"],
  ["another service's event", changed({ source: "/projects" }), "it says that it is of another service"],
  ["no journal", changed({ journalid: "" }), "it does not say of which journal it is"],
  ["another version", changed({ type: "stoa.identity.user.updated.v2" }), "does not know its version"],
  ["another envelope", changed({ specversion: "2.0" }), "does not know its version"],
  ["an unknown type", changed({ type: "stoa.identity.user.teleported.v1" }), "its type is not known"],
  ["no type", changed({ type: null }), "it has no type"],
  ["no id", changed({ id: "" }), "it has no id"],
  ["no subject", changed({ subject: null }), "it does not say what it is about"],
  ["no time", changed({ time: "2026-13-40T09:00:00.000Z" }), "its time is none"],
  ["another shape", changed({ data: { user_id: 7 } }), "its data is not what its type says (username)"],
] as const;

const manager = (nc: NatsConnection) => nc.jetstreamManager({ checkAPI: false });

/** A stream of five messages, the third of which carries something else. */
async function streamWith(third: string | Uint8Array | null) {
  const nc = await natsFor(server.url);
  const jsm = await manager(nc);
  await deleteStream(jsm, "identity");
  await createStream(jsm, "identity");
  for (const payload of [good(1), good(2), third ?? good(3), good(4), good(5)]) {
    await nc.jetstream().publish("evt.identity.user.updated", payload);
  }
  if (third === null) await jsm.streams.deleteMessage("IDENTITY", 3);
  const target = await worldDatabase();
  const log = memoryLog();
  const transport = connectNats({ servers: server.url, name: "messaging", log });
  const source = transport.source("identity");
  return {
    source,
    target: target.db,
    log,
    async [Symbol.asyncDispose]() {
      await transport.close();
      await target.dispose();
      await nc.close();
    },
  };
}

test.each([...bad, ["no message", null, "is missing in the stream IDENTITY, which has later ones"] as const])(
  "%s in a stream stops its consumer before it with one line, which status has too",
  async (_what, third, says) => {
    await using w = await streamWith(third);
    const projector = startProjector({
      service: "messaging",
      db: w.target,
      source: w.source,
      handlers: handlers(),
      log: w.log,
    });
    await eventually(() => projector.status().stopped !== undefined, { within: 15_000 });
    const { stopped, lag } = projector.status();
    expect(stopped).toContain("Event 3 of identity");
    expect(stopped).toContain(says);
    expect(stopped).toContain("It stops messaging after event 2.");
    const newer = says.includes("know");
    expect(stopped).toContain(newer ? "Update Stoa" : "bun run events rebuild --stream identity");
    expect(lag).toBeGreaterThanOrEqual(third === null ? 1 : 3);
    expect(await sequences(w.target)).toEqual([1, 2]);
    await projector.stop();

    const link = new NatsLink({ servers: server.url, name: "operator", log: w.log });
    await link.up(5_000);
    const lines: string[] = [];
    const operation: Operation = {
      operated: [{ service: "messaging", db: w.target, handlers: handlers(), projections: [] }],
      databases: new Map([["messaging", w.target]]),
      link,
      log: w.log,
      say: (line) => lines.push(line.trim()),
      signal: new AbortController().signal,
    };
    expect(await showStatus(operation)).toBe(false);
    expect(lines).toContain(stopped ?? "");
    await link.close();
  },
  30_000,
);

test("fields that a later version added, to the envelope or to the data, are no fault", async () => {
  await using w = await streamWith(changed({ dataschema: "x", data: { ...envelope(3).data, nickname: "a" } }));
  const projector = startProjector({
    service: "messaging",
    db: w.target,
    source: w.source,
    handlers: handlers(),
    log: w.log,
  });
  await eventually(() => projector.status().seq === 5);
  await projector.stop();
});

test.each<[string, string | null]>([
  ["no JSON", "{"],
  ["no message", null],
])(
  "%s in a stream is passed over by a reader in memory, which says so",
  async (_what, third) => {
    await using w = await streamWith(third);
    const stopping = new AbortController();
    const came: number[] = [];
    const reader = tail(
      w.source,
      { since: "2020-01-01T00:00:00.000Z", log: w.log, lookMs: 50 },
      (events) => void came.push(...events.map(({ sequence }) => sequence)),
      stopping.signal,
    );
    await eventually(() => came.length === 4, { within: 15_000 });
    expect(came).toEqual([1, 2, 4, 5]);
    expect(reader.damage()).toContain("Event 3 of identity");
    stopping.abort();
    await reader.ended;
  },
  30_000,
);
