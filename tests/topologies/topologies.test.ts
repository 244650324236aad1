import { expect, test } from "bun:test";
import { eventually } from "@stoa/testing";
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

test("the services of docker-compose.yml start, survive kills one by one and stop with 0", async () => {
  await using stoa = await startDistributed({ replicas: { projects: 2 } });
  const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status;
  expect(await ready(stoa.gatewayUrl)).toBe(200);
  for (const name of ["identity", "projects-2", "projects-db", "nats", "gateway"]) {
    await stoa.processes[name]?.kill9();
    await stoa.processes[name]?.start();
  }
  expect(await ready(stoa.gatewayUrl)).toBe(200);
  for (const url of Object.values(stoa.services)) expect(await ready(url)).toBe(200);
  await stoa.stop();
}, 60_000);

test("NATS lets tests connect as a service", async () => {
  await using stoa = await startDistributed();
  const connection = await stoa.nats?.connect("identity");
  const manager = await connection?.jetstreamManager({ checkAPI: false });
  await eventually(async () => (await manager?.streams.info("IDENTITY"))?.state.messages);
  await connection?.close();
}, 60_000);
