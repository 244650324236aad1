import type { ServiceName } from "@stoa/events";
import { Client, signUp } from "../tests/client.ts";
import { startDistributed } from "../tests/topologies/compose.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import type { Topology } from "../tests/topologies/topology.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Result, scaled, within } from "./measurement.ts";

const routes: Readonly<Record<ServiceName, string>> = {
  identity: "/api/v1/auth/me",
  projects: "/api/v1/projects",
  messaging: "/api/v1/conversations",
};

/** The time from revoking a session to 401 in all three services. */
export const revocation: Measurement = {
  name: "revocation",
  about: "from the request that revokes a session until all three services refuse its token",
  async run(settings) {
    const trials = scaled(settings, 200, 2);
    const results: Result[] = [];
    for (const start of [startStandalone, startDistributed]) {
      await using stoa = await start();
      results.push(await revoke(stoa, trials));
      await stoa.stop();
    }
    return results;
  },
};

async function revoke(stoa: Topology, trials: number): Promise<Result> {
  const eve = await signUp(stoa.gatewayUrl, "eve");
  const anonymous = new Client(stoa.gatewayUrl);
  const credentials = { username: eve.username, password: "eve keeps 7 herons by the weir" };
  const times: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const session = await anonymous.must<{ session_id: string; access_token: string }>(
      200,
      "POST",
      "/api/v1/auth/login",
      credentials,
    );
    const clients = Object.entries(routes).map(
      ([service, route]) => [new Client(stoa.services[service as ServiceName], session.access_token), route] as const,
    );
    await Promise.all(clients.map(([client, route]) => client.must(200, "GET", route)));
    const began = performance.now();
    await eve.must(204, "DELETE", `/api/v1/auth/sessions/${session.session_id}`);
    const refused = async ([client, route]: (typeof clients)[number]) => {
      while ((await client.get(route)).status !== 401) {
        if (performance.now() - began > 30_000) throw new Error(`${route} still accepts a revoked token.`);
      }
      return performance.now() - began;
    };
    times.push(Math.max(...(await Promise.all(clients.map(refused)))));
  }
  const numbers = { trials, p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99), most_ms: Math.max(...times) };
  return within(`revoke to 401 everywhere, ${stoa.name}`, numbers, "p99_ms", "<=", 1_000);
}
