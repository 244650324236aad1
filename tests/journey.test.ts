import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client, signUp } from "./client.ts";
import { erasureJourney } from "./erasure-journey.ts";
import { journey, type Stage } from "./journey.ts";
import { newcomersJourney } from "./newcomers-journey.ts";
import { organizationJourney } from "./organization-journey.ts";
import { pagesJourney } from "./pages-journey.ts";
import { startDistributed } from "./topologies/compose.ts";
import { startEdge } from "./topologies/edge.ts";
import { startStandalone } from "./topologies/standalone.ts";

/** How long a whole topology may take to start or to stop; milliseconds. */
const START_MS = 60_000;

describe.each([
  ["standalone: everything in one process", () => startStandalone(), { streams: true }],
  ["distributed: docker-compose.yml over NATS, sqld and Caddy", () => startDistributed(), { streams: true }],
  ["edge: services in workerd; passwords, relays and projectors on Bun", () => startEdge(), { streams: false }],
] as const)("%s", (_, start, has) => {
  let topology: Stage & { stop(): Promise<void> };
  beforeAll(async () => {
    topology = await start();
  }, START_MS);
  afterAll(() => topology?.stop(), START_MS);

  journey(() => topology, has);
  organizationJourney(() => topology);
  erasureJourney(() => topology);
  newcomersJourney(() => topology);
  pagesJourney(() => topology);

  if (!has.streams) edgeRefusals(() => topology);
});

function edgeRefusals(stage: () => Stage): void {
  test("a Worker answers 501 to what it cannot do, and goes on", async () => {
    const { gatewayUrl, services } = stage();
    const dana = await signUp(gatewayUrl, "dana");
    const credentials = { username: dana.username, password: "anything at all" };
    const login = await new Client(services.identity).post("/api/v1/auth/login", credentials);
    expect([login.status, login.body["error_code"]]).toEqual([501, "not_implemented"]);
    const stream = await dana.get("/api/v1/stream");
    expect([stream.status, stream.body["error_code"]]).toEqual([501, "not_implemented"]);
    await dana.must(200, "GET", "/api/v1/notifications");
  });
}
