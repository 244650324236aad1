import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ServiceName, services } from "@stoa/events";
import { type NatsServer, startNats } from "@stoa/testing";
import { connect, type JetStreamManager, type NatsConnection, StringCodec } from "nats";

const codec = StringCodec();
let server: NatsServer;
const connections: Partial<Record<ServiceName | "operator", NatsConnection>> = {};

beforeAll(async () => {
  const file = await Bun.file(`${import.meta.dir}/nats.conf`).text();
  // The test sets its own address, port and store, and leaves out the option that Debian's server does not know.
  const config = file
    .replace(/^listen:.*$/m, "")
    .replace(/^http:.*$/m, "")
    .replace(/jetstream \{[^}]*\}/, "");
  const users = [...services, "operator"];
  const env = Object.fromEntries(users.map((name) => [`${name.toUpperCase()}_NATS_PASSWORD`, `s${name}1`]));
  server = await startNats({ config, env });
  for (const name of services) {
    connections[name] = await connect({
      servers: server.url,
      user: name,
      pass: `s${name}1`,
      inboxPrefix: `_INBOX_${name}`,
      timeout: 1_000,
    });
    const streams = await managerOf(name);
    await streams.streams.add({ name: name.toUpperCase(), subjects: [`evt.${name}.>`] });
  }
});

afterAll(async () => {
  for (const connection of Object.values(connections)) await connection.close();
  await server[Symbol.asyncDispose]();
});

function connectionOf(name: keyof typeof connections): NatsConnection {
  const connection = connections[name];
  if (connection === undefined) throw new Error(`${name} is not connected.`);
  return connection;
}

function managerOf(name: ServiceName): Promise<JetStreamManager> {
  return connectionOf(name).jetstreamManager({ checkAPI: false, timeout: 1_000 });
}

/** The operation that the server refuses because the user has no permission for it. */
async function refusal(name: keyof typeof connections, act: (connection: NatsConnection) => unknown): Promise<string> {
  const connection = connectionOf(name);
  const told = (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") return String(status.permissionContext?.operation);
    }
    return "closed";
  })();
  await act(connection);
  return await told;
}

describe.each([...services])("%s", (name) => {
  const other = services[(services.indexOf(name) + 1) % 3] ?? "identity";

  test("may publish to its own stream", async () => {
    const ack = await connectionOf(name)
      .jetstream({ timeout: 1_000 })
      .publish(`evt.${name}.thing.happened`, codec.encode("{}"));
    expect(ack).toMatchObject({ stream: name.toUpperCase(), duplicate: false });
  });

  test("may change its own stream, and make it again", async () => {
    const { streams } = await managerOf(name);
    expect((await streams.update(name.toUpperCase(), { num_replicas: 1 })).config.num_replicas).toBe(1);
    expect(await streams.delete(name.toUpperCase())).toBe(true);
    await streams.add({ name: name.toUpperCase(), subjects: [`evt.${name}.>`] });
    await connectionOf(name).jetstream().publish(`evt.${name}.thing.happened`, codec.encode("{}"));
  });

  test("may read another's stream", async () => {
    const manager = await managerOf(name);
    await connectionOf(other).jetstream().publish(`evt.${other}.thing.happened`, codec.encode("{}"));
    expect((await manager.streams.info(other.toUpperCase())).state.messages).toBeGreaterThan(0);
    expect((await manager.streams.getMessage(other.toUpperCase(), { seq: 1 })).seq).toBe(1);
  });

  test("may not publish on another's subjects", async () => {
    const refused = await refusal(name, (connection) => connection.publish(`evt.${other}.thing.happened`));
    expect(refused).toBe("publish");
  });

  test.each(["DELETE", "PURGE", "UPDATE", "CREATE"])("may not %s another's stream", async (verb) => {
    const subject = `$JS.API.STREAM.${verb}.${other.toUpperCase()}`;
    expect(await refusal(name, (connection) => connection.publish(subject))).toBe("publish");
  });

  test("may not receive another's replies", async () => {
    const refused = await refusal(name, (connection) => connection.subscribe(`_INBOX_${other}.>`));
    expect(refused).toBe("subscription");
  });
});

test("the instances of messaging may talk to each other; the other services may neither listen nor join in", async () => {
  const subject = "live.messaging";
  const heard = connectionOf("messaging").subscribe(subject, { max: 1 });
  connectionOf("messaging").publish(subject, codec.encode("hello"));
  for await (const { data } of heard) expect(codec.decode(data)).toBe("hello");
  for (const name of services.filter((service) => service !== "messaging")) {
    expect(await refusal(name, (connection) => connection.publish(subject))).toBe("publish");
    expect(await refusal(name, (connection) => connection.subscribe(subject))).toBe("subscription");
  }
});

test("nobody may connect without a password", async () => {
  await expect(connect({ servers: server.url, timeout: 1_000 })).rejects.toThrow("Authorization");
});

test("the operator makes every service's stream again, and hears no live messages", async () => {
  const inboxPrefix = "_INBOX_operator";
  const operator = await connect({ servers: server.url, user: "operator", pass: "soperator1", inboxPrefix });
  connections.operator = operator;
  const { streams } = await operator.jetstreamManager({ checkAPI: false, timeout: 1_000 });
  for (const name of services) {
    expect(await streams.delete(name.toUpperCase())).toBe(true);
    await streams.add({ name: name.toUpperCase(), subjects: [`evt.${name}.>`] });
    await operator.jetstream().publish(`evt.${name}.thing.happened`, codec.encode("{}"));
  }
  expect(await refusal("operator", (connection) => connection.subscribe("live.messaging"))).toBe("subscription");
});
