import { expect, test } from "bun:test";
import { eventually, holdPort, type NatsServer, startNats } from "@stoa/testing";
import { connectNats } from "../nats.ts";
import { natsFor, streamEnd, streamFaults } from "../test/stream.ts";
import { happen, memoryLog, worldDatabase } from "../test/world.ts";
import { headOf } from "./stream.ts";

/** Three nats-servers that know each other, without a leader at first. */
async function cluster() {
  const ports = await Promise.all(Array.from({ length: 3 }, () => holdPort()));
  const routes = ports.map(({ port }) => `nats://127.0.0.1:${port}`).join(", ");
  const servers = await Promise.all(
    ports.map(({ port }, index) => {
      const config = `server_name: n${index}\ncluster { name: stoa, listen: "127.0.0.1:${port}", routes: [${routes}] }`;
      return startNats({ config });
    }),
  );
  const [first] = servers;
  if (!first) throw new Error("The cluster has no server.");
  return {
    servers,
    first,
    urls: servers.map(({ url }) => url).join(","),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      for (const port of ports) port[Symbol.dispose]();
    },
  };
}

/** A journal of identity and a relay that copies it to these servers. */
async function copied(servers: string, events: number) {
  const source = await worldDatabase();
  const log = memoryLog();
  await happen(source.db, events);
  const run = (replicas?: number) => {
    const transport = connectNats({ servers, name: "identity", log, replicas });
    const relay = transport.relay({ service: "identity", db: source.db });
    return {
      status: () => relay.status(),
      async [Symbol.asyncDispose]() {
        await relay.stop();
        await transport.close();
      },
    };
  };
  return { db: source.db, log, run, [Symbol.asyncDispose]: () => source.dispose() };
}

/** Waits until the stream holds so many events on so many servers. */
async function holds({ url }: Pick<NatsServer, "url">, last: number, replicas: number): Promise<void> {
  await using nc = await natsFor(url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  await eventually(
    async () => {
      if ((await streamEnd(nc, "identity")) !== last) return false;
      const head = await headOf(jsm, "identity");
      return head?.whole === true && head.replicas === replicas;
    },
    { within: 50_000, what: `A stream of ${last} events on ${replicas} servers` },
  );
}

test("a cluster keeps every event on as many servers as was said, and goes on when the one that leads is killed", async () => {
  await using nats = await cluster();
  await using journal = await copied(nats.urls, 300);
  await using relay = journal.run(3);
  await holds(nats.first, 300, 3);

  const leader = await leaderOf(nats.first);
  const killed = nats.servers[Number(leader.slice(1))];
  const left = nats.servers.filter((server) => server !== killed);
  const [other] = left;
  if (!killed || !other) throw new Error(`No server is named ${leader}.`);
  await killed.kill9();
  await happen(journal.db, 200);
  await holds(other, 500, 3);
  await using nc = await natsFor(other.url);
  // A cluster that has lost its leader may not answer every request at once.
  await eventually(async () => (await streamFaults(nc, journal.db, "identity")).length === 0);
  await eventually(() => relay.status().lag === 0 && relay.status().stopped === undefined);
}, 120_000);

test("a stream that one server keeps is kept by three when the relay is told so, and stays so when it is told nothing", async () => {
  await using nats = await cluster();
  await using journal = await copied(nats.urls, 50);
  {
    await using _relay = journal.run();
    await holds(nats.first, 50, 1);
  }
  {
    await using _relay = journal.run(3);
    await holds(nats.first, 50, 3);
  }
  await happen(journal.db, 10);
  await using _relay = journal.run();
  await holds(nats.first, 60, 3);
}, 120_000);

test("a cluster that is too small goes on with the stream that it has, says so once, and makes none anew", async () => {
  await using nats = await cluster();
  await using journal = await copied(nats.urls, 50);
  {
    await using _relay = journal.run();
    await holds(nats.first, 50, 1);
  }
  {
    await using relay = journal.run(5);
    await happen(journal.db, 10);
    await holds(nats.first, 60, 1);
    await eventually(() => relay.status().lag === 0);
    const warned = journal.log.lines.filter(({ message }) => message.startsWith("The cluster cannot keep"));
    expect(warned).toEqual([
      expect.objectContaining({
        level: "warn",
        fields: { service: "identity", replicas: 5, reason: expect.any(String) },
      }),
    ]);
  }
  await using nc = await natsFor(nats.first.url);
  await (await nc.jetstreamManager({ checkAPI: false })).streams.delete("IDENTITY");
  await using relay = journal.run(5);
  await eventually(() => relay.status().stopped?.startsWith("Events cannot be published now: "));
}, 120_000);

/** The name of the server that leads identity's stream. */
async function leaderOf({ url }: NatsServer): Promise<string> {
  await using nc = await natsFor(url);
  const jsm = await nc.jetstreamManager({ checkAPI: false });
  let leader: string | undefined;
  await eventually(async () => {
    leader = (await jsm.streams.info("IDENTITY")).cluster?.leader;
    return leader !== undefined;
  });
  return String(leader);
}
