import { expect, test } from "bun:test";
import { eventually, startNats } from "@stoa/testing";
import { connectNats } from "./nats.ts";
import { memoryLog } from "./test/world.ts";

test("a transport says whether it is connected, while the server starts, dies and starts again", async () => {
  await using server = await startNats();
  const log = memoryLog();
  const transport = connectNats({ servers: server.url, name: "identity", log });
  expect([transport.kind, transport.connected()]).toEqual(["nats", false]);
  await eventually(() => transport.connected());
  await server.kill9();
  await eventually(() => !transport.connected());
  await server.start();
  await eventually(() => transport.connected());
  await transport.close();
  expect(transport.connected()).toBe(false);
  expect(log.lines.map(({ message }) => message)).toEqual([
    "The connection to NATS was lost.",
    "NATS is connected again.",
  ]);
}, 15_000);
