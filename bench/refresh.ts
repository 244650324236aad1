import { Client } from "../tests/client.ts";
import { rateOf } from "./alternate.ts";
import { load, quantile } from "./load.ts";
import { type Measurement, within } from "./measurement.ts";
import { startWorld } from "./stoa.ts";

const connections = 8;

/** Rotations of refresh tokens; each is one durable write and one signature. */
export const refresh: Measurement = {
  name: "refresh",
  about: "refreshes a second, each with the token from the previous response",
  async run({ rounds, seconds }) {
    await using world = await startWorld();
    const { stoa, ada } = world;
    const anonymous = new Client(stoa.gatewayUrl);
    const credentials = { username: ada.username, password: "ada keeps 7 herons by the weir" };
    let tokens: readonly string[] = await Promise.all(
      Array.from({ length: connections }, async () => {
        const answer = await anonymous.must<{ refresh_token: string }>(200, "POST", "/api/v1/auth/login", credentials);
        return answer.refresh_token;
      }),
    );
    const rates: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const measured = await load({
        url: `${stoa.gatewayUrl}/api/v1/auth/refresh`,
        method: "POST",
        headers: { "user-agent": "bench", "content-type": "application/json" },
        body: '{"refresh_token":"{carried}"}',
        carry: { member: "refresh_token", first: tokens },
        connections,
        seconds,
        status: 200,
      });
      tokens = measured.carried;
      if (round > 0) rates.push(rateOf(measured));
    }
    return [within("refresh, standalone", { per_second: quantile(rates, 0.5) }, "per_second", ">=", 400)];
  },
};
