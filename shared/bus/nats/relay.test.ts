import { afterAll, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { envelopeOf, journalId, readAfter } from "@stoa/journal";
import { eventually, startNats } from "@stoa/testing";
import { connectNats } from "../nats.ts";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import { happen, memoryLog, restore, updated, worldDatabase } from "../test/world.ts";
import { createStream, deleteStream, headOf, streamOf } from "./stream.ts";

const server = await startNats();
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const manager = async (nc: Awaited<ReturnType<typeof natsFor>>) => nc.jetstreamManager({ checkAPI: false });

beforeEach(async () => {
  if (!server.running) await server.start();
  await using nc = await natsFor(server.url);
  await deleteStream(await manager(nc), "identity");
});

/** A journal of identity, and relays that copy it. */
async function world() {
  const source = await worldDatabase();
  const log = memoryLog();
  const nc = await natsFor(server.url);
  const transports: { close(): Promise<void> }[] = [];
  const relays: { stop(): Promise<void> }[] = [];
  const relay = (name = "identity") => {
    const transport = connectNats({ servers: server.url, name, log });
    const its = transport.relay({ service: "identity", db: source.db });
    transports.push(transport);
    relays.push(its);
    return its;
  };
  const whole = (last: number, within = 10_000) =>
    eventually(async () => (await streamEnd(nc, "identity")) === last, { within, what: `A stream of ${last}` });
  return {
    db: source.db,
    log,
    nc,
    relay,
    whole,
    faults: () => streamFaults(nc, source.db, "identity"),
    /** Waits until stream and journal have the same events. */
    agrees: () =>
      eventually(
        async () => {
          const head = await headOf(await manager(nc), "identity");
          return head?.whole === true && (await streamFaults(nc, source.db, "identity")).length === 0;
        },
        { within: 20_000, what: "A stream like its journal" },
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(relays.map((its) => its.stop()));
      await Promise.all(transports.map((transport) => transport.close()));
      await nc.close();
      await source.dispose();
    },
  };
}

test("row n becomes sequence n, byte for byte, on the subject of its event", async () => {
  await using w = await world();
  await happen(w.db, 700);
  const relay = w.relay();
  await w.whole(700);
  await happen(w.db, 3);
  await w.whole(703);
  expect(await w.faults()).toEqual([]);
  const message = await (await manager(w.nc)).streams.getMessage("IDENTITY", { seq: 703 });
  expect(message.subject).toBe("evt.identity.user.updated");
  await eventually(() => relay.status().lag === 0);
});

test("what was committed while the relay was down is published when it runs again", async () => {
  await using w = await world();
  await happen(w.db, 10);
  await w.relay().stop();
  await happen(w.db, 10);
  w.relay();
  await w.whole(20);
  expect(await w.faults()).toEqual([]);
});

test("with two relays, NATS refuses the second, and the stream is complete", async () => {
  await using w = await world();
  await happen(w.db, 3_000);
  w.relay("one");
  w.relay("two");
  for (let round = 0; round < 10; round++) await happen(w.db, 100);
  await w.whole(4_000);
  expect(await w.faults()).toEqual([]);
});

test("a stream that is deleted under load is complete again within seconds", async () => {
  await using w = await world();
  await happen(w.db, 1_000);
  w.relay();
  await w.whole(1_000);
  const load = (async () => {
    for (let round = 0; round < 30; round++) await happen(w.db, 20);
  })();
  await deleteStream(await manager(w.nc), "identity");
  await load;
  // nats-server may delete the files of the new stream with those of the old one; the relay finds that out by and by.
  await w.agrees();
});

test("a stream whose files are taken away, so that the server counts events that nobody can read, is made again", async () => {
  await using w = await world();
  await happen(w.db, 2_500);
  w.relay();
  await w.whole(2_500);
  rmSync(join(server.store, "jetstream", "$G", "streams", "IDENTITY"), { recursive: true });
  await happen(w.db, 20);
  await w.agrees();
});

test("a stream that is deleted while nothing is published is filled again too", async () => {
  await using w = await world();
  await happen(w.db, 50);
  w.relay();
  await w.whole(50);
  await deleteStream(await manager(w.nc), "identity");
  await w.agrees();
});

test("a stream that was emptied, or lost an event in the middle, is made again", async () => {
  await using w = await world();
  await happen(w.db, 50);
  w.relay();
  await w.whole(50);
  const { streams } = await manager(w.nc);
  await streams.purge("IDENTITY");
  await eventually(async () => (await streams.info("IDENTITY")).state.messages === 50);
  await streams.deleteMessage("IDENTITY", 25);
  await eventually(async () => (await streams.info("IDENTITY")).state.messages === 50);
  expect(await w.faults()).toEqual([]);
});

test("after nats-server was killed under load and started again, the stream is complete", async () => {
  await using w = await world();
  const relay = w.relay();
  const load = (async () => {
    for (let round = 0; round < 40; round++) await happen(w.db, 50);
  })();
  await eventually(async () => (await streamEnd(w.nc, "identity")) >= 100);
  await server.kill9();
  await load;
  await eventually(() => relay.status().lag > 0 || !server.running);
  await server.start();
  await w.whole(2_000, 20_000);
  expect(await w.faults()).toEqual([]);
}, 30_000);

test("a server that lost its whole store is filled again", async () => {
  await using w = await world();
  await happen(w.db, 200);
  w.relay();
  await w.whole(200);
  await server.kill9();
  await server.wipe();
  await server.start();
  await w.whole(200, 20_000);
  expect(await w.faults()).toEqual([]);
}, 30_000);

test("NATS may be down at the start: the relay begins when it is up", async () => {
  await using w = await world();
  await server.stop();
  await happen(w.db, 5);
  const relay = w.relay();
  await eventually(() => w.log.lines.some((line) => line.message.startsWith("NATS cannot be reached")));
  expect(relay.status().stopped).toBeUndefined();
  await eventually(() => relay.status().lag === 5);
  await server.start();
  await w.whole(5, 20_000);
}, 30_000);

test("a stream ahead of its journal stops the relay, which says what to do and goes on once it is done", async () => {
  await using w = await world();
  await happen(w.db, 3);
  const jsm = await manager(w.nc);
  await createStream(jsm, "identity");
  const id = await journalId(w.db);
  for (const row of await readAfter(w.db, 0, 3)) {
    await w.nc.jetstream().publish("evt.identity.user.updated", JSON.stringify(envelopeOf("identity", id, row)));
  }
  await w.nc.jetstream().publish("evt.identity.user.updated", JSON.stringify({ id: "from nowhere" }));
  const relay = w.relay();
  await eventually(() => relay.status().stopped?.includes("is ahead of the journal"));
  expect(relay.status().stopped).toContain("bun run events rebuild --stream identity");
  await deleteStream(jsm, "identity");
  await w.whole(3);
  await eventually(() => relay.status().stopped === undefined);
  expect(w.log.lines.filter((line) => line.level === "error").length).toBe(1);
});

test.each([
  ["the same end", 15, "carries another event at 25 than the journal"],
  ["a later end", 20, "carries another event at 25 than the journal"],
  ["an earlier end", 5, "is ahead of the journal (25)"],
])(
  "a journal that is restored at once, with other events up to %s, stops a running relay",
  async (_end, more, reason) => {
    await using w = await world();
    await happen(w.db, 25);
    const relay = w.relay();
    await w.whole(25);
    await restore(w.db, 10, more);
    await eventually(() => relay.status().stopped?.includes(reason));
    await happen(w.db, 20);
    await eventually(() => relay.status().stopped?.includes("carries another event at 25 than the journal"));
    expect(await streamEnd(w.nc, "identity")).toBe(25);
  },
);

test.each([
  ["lost its last events", [24, 25], 0, "is ahead of the journal (25)"],
  ["lost some in the middle", [14, 15], 15, "carries another event at 25 than the journal"],
])("a stream that %s is not filled again from a journal that was restored", async (_what, lost, more, reason) => {
  await using w = await world();
  await happen(w.db, 25);
  const first = w.relay();
  await w.whole(25);
  await first.stop();
  const { streams } = await manager(w.nc);
  for (const seq of lost) await streams.deleteMessage("IDENTITY", seq);
  await restore(w.db, 10, more);
  const relay = w.relay();
  await eventually(() => relay.status().stopped?.includes(reason));
  expect((await streams.info("IDENTITY")).state.messages).toBe(23);
});

test("a stream that is deleted after the journal was restored is not filled again by the relay that has seen both", async () => {
  await using w = await world();
  await happen(w.db, 25);
  const relay = w.relay();
  await w.whole(25);
  await restore(w.db, 10);
  await deleteStream(await manager(w.nc), "identity");
  await eventually(() => relay.status().stopped?.includes("is ahead of the journal (25)"));
  expect(await streamEnd(w.nc, "identity")).toBe(-1);
});

test("planted fault: an event that is published before a commit that fails stops the relay, and the check finds it", async () => {
  await using w = await world();
  await happen(w.db, 2);
  const first = w.relay();
  await w.whole(2);
  await first.stop();
  const event = {
    ...envelopeOf("identity", await journalId(w.db), (await readAfter(w.db, 1, 1))[0] as never),
    id: "never committed",
    sequence: 3,
  };
  await w.nc.jetstream().publish("evt.identity.user.updated", JSON.stringify(event), { expect: { lastSequence: 2 } });
  await w.db.write([updated("a")]);
  const relay = w.relay();
  await eventually(() => relay.status().stopped?.includes("carries another event at 3"));
  expect(await w.faults()).toEqual(["sequence 3 differs"]);
});

test("planted fault: a row deleted from the journal stops the relay, and the check finds it", async () => {
  await using w = await world();
  await happen(w.db, 5);
  await w.db.write([sql`drop trigger journal_refuses_delete`, sql`delete from journal where seq = 3`]);
  const relay = w.relay();
  await eventually(() => relay.status().stopped?.startsWith("Event 3 of identity is missing in the journal"));
  expect(await w.faults()).toEqual(expect.arrayContaining(["row 3 is missing"]));
});

test("rows of the largest size are published, also a page of them", async () => {
  await using w = await world();
  const { append } = await import("@stoa/journal");
  const { system } = await import("@stoa/events");
  const large = () =>
    append(system, {
      type: "user.updated",
      aggregate_id: "a",
      time: "2026-11-20T09:00:00.000Z",
      data: { user_id: "a", username: 'é"'.repeat(60_000), full_name: null },
    }).statement;
  for (let made = 0; made < 20; made++) await w.db.write([large()]);
  w.relay();
  await w.whole(20);
  expect(await w.faults()).toEqual([]);
  expect(streamOf("identity")).toBe("IDENTITY");
});

test("a server whose store is full is named by state and log, and the relay goes on when there is room", async () => {
  await using full = await startNats({ config: "jetstream { max_file_store: 200KB }" });
  await using source = await worldDatabase();
  const log = memoryLog();
  const transport = connectNats({ servers: full.url, name: "identity", log });
  const nc = await natsFor(full.url);
  await eventually(() => transport.connected());
  const { streams } = await manager(nc);
  await streams.add({ name: "OTHER", subjects: ["other.>"] });
  for (let sent = 0; sent < 15; sent++) await nc.jetstream().publish("other.a", new Uint8Array(10_000));
  const relay = transport.relay({ service: "identity", db: source.db });
  await happen(source.db, 300);
  await eventually(() => relay.status().stopped?.includes("insufficient"));
  expect(relay.status().lag).toBeGreaterThan(0);
  const told = log.lines.filter((line) => line.message.startsWith("Events cannot be published now"));
  expect(told.map((line) => line.level)).toEqual(["warn"]);
  await streams.delete("OTHER");
  await eventually(() => relay.status().stopped === undefined && relay.status().lag === 0, { within: 10_000 });
  await relay.stop();
  await transport.close();
  await nc.close();
});
