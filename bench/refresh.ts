import { Client } from "../tests/client.ts";
import type { Sample } from "./alternate.ts";
import { startBareRead } from "./bare-read.ts";
import { loadOn } from "./cpu.ts";
import { quantile } from "./load.ts";
import { cpuWithin, type Measurement, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

const connections = 16;

/** Rotations of refresh tokens; each is one durable write and one signature. */
export const refresh: Measurement = {
  name: "refresh",
  about: "refreshes a second, each with the token from the previous response",
  async run(settings) {
    const { rounds, seconds } = settings;
    await using world = await startWorld({ tasks: 30 });
    await using page = await startBareRead(world);
    const { stoa, server, ada } = world;
    const anonymous = new Client(stoa.gatewayUrl);
    const credentials = { username: ada.username, password: ada.password };
    let tokens: readonly string[] = await Promise.all(
      Array.from({ length: connections }, async () => {
        const answer = await anonymous.must<{ refresh_token: string }>(200, "POST", "/api/v1/auth/login", credentials);
        return answer.refresh_token;
      }),
    );
    const samples: Sample[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const sample = await loadOn(server, {
        url: `${stoa.gatewayUrl}/api/v1/auth/refresh`,
        method: "POST",
        headers: { "user-agent": "bench", "content-type": "application/json" },
        body: '{"refresh_token":"{carried}"}',
        carry: { member: "refresh_token", first: tokens },
        connections,
        seconds,
        status: 200,
      });
      tokens = sample.measured.carried;
      if (round > 0) samples.push(sample);
    }
    const median = (of: (sample: Sample) => number) => quantile(samples.map(of), 0.5);
    const numbers = { per_second: median((each) => each.per_second), cpu_ms: median((each) => each.cpu_ms ?? 0) };
    return [
      within("refresh, standalone", numbers, "per_second", ">=", 400),
      cpuWithin(0.4, "refresh", numbers.cpu_ms, await page.cpuMs(settings)),
    ];
  },
};
