import { afterAll, beforeAll, describe } from "bun:test";
import { journey } from "./journey.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startStandalone } from "./topologies/standalone.ts";
import type { Topology } from "./topologies/topology.ts";

/** Milliseconds for a whole topology to come up, or to go. */
const START_MS = 60_000;

describe.each([
  ["standalone: everything in one process", () => startStandalone()],
  ["distributed: docker-compose.yml as local processes, over NATS, sqld and Caddy", () => startDistributed()],
] as const)("%s", (_, start) => {
  let topology: Topology;
  beforeAll(async () => {
    topology = await start();
  }, START_MS);
  afterAll(() => topology?.stop(), START_MS);

  journey(() => topology);
});
