import { expect, test } from "bun:test";
import { startDistributed } from "./compose.ts";
import { startStandalone } from "./standalone.ts";

test("standalone starts, answers, survives a kill and stops with 0", async () => {
  await using stoa = await startStandalone();
  const health = () => fetch(`${stoa.gatewayUrl}/health`);
  expect((await health()).status).toBe(200);
  await stoa.processes.standalone?.kill9();
  await stoa.processes.standalone?.start();
  expect((await health()).status).toBe(200);
  await stoa.stop();
}, 30_000);

test("what docker-compose.yml says starts, answers at the gateway and stops with 0", async () => {
  await using stoa = await startDistributed();
  expect((await fetch(`${stoa.gatewayUrl}/health`)).status).toBe(200);
  await stoa.stop();
}, 60_000);
