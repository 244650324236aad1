import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, type NatsServer, silent, startNats } from "@stoa/testing";
import { connect } from "nats";
import { connectNats } from "../nats.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server[Symbol.asyncDispose]());

test("what one sends, all receive; while there is no connection it is lost, and afterwards they receive again", async () => {
  const [one, other] = ["one", "other"].map((name) => connectNats({ servers: server.url, name, log: silent }));
  const got: unknown[] = [];
  const [sending, receiving] = [one?.channel("live.test"), other?.channel("live.test")];
  sending?.send({ lost: true });
  const stop = receiving?.onMessage((message) => got.push(message));
  await eventually(() => {
    sending?.send({ n: 1 });
    return got.length > 0;
  });
  expect(got[0]).toEqual({ n: 1 });
  await server.kill9();
  await eventually(() => !one?.connected() && !other?.connected());
  sending?.send({ n: 2 });
  await server.start();
  await eventually(() => {
    sending?.send({ n: 3 });
    return got.some((message) => (message as { n: number }).n === 3);
  });
  expect(got).not.toContainEqual({ n: 2 });
  stop?.();
  await Promise.all([one?.close(), other?.close()]);
});

test("what is no JSON is passed over", async () => {
  const warned: string[] = [];
  const log = { ...silent, warn: (_: object, message: string) => void warned.push(message) };
  const transport = connectNats({ servers: server.url, name: "strict", log });
  const got: unknown[] = [];
  transport.channel("live.strict").onMessage((message) => got.push(message));
  const raw = await connect({ servers: server.url });
  await eventually(() => {
    raw.publish("live.strict", new TextEncoder().encode("{"));
    raw.publish("live.strict", new TextEncoder().encode("7"));
    return got.length > 0;
  });
  expect(got).toContain(7);
  expect(warned).toContain("A message is not JSON.");
  await raw.close();
  await transport.close();
});
