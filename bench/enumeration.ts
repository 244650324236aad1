import { Client, type Person, signUp } from "../tests/client.ts";
import { startStandalone } from "../tests/topologies/standalone.ts";
import { quantile } from "./load.ts";
import { type Measurement, scaled, within } from "./measurement.ts";

/** Whether the duration of a refused login reveals that the user exists. */
export const enumeration: Measurement = {
  name: "enumeration",
  about: "refused logins one at a time: a wrong password of a user, compared with an unknown name",
  async run(settings) {
    // Every attempt comes from another address, so that none is throttled.
    await using stoa = await startStandalone({
      env: { LOG_LEVEL: "warn", RATE_LIMIT_SCALE: "1000000", TRUSTED_PROXIES: "127.0.0.0/8,::1/128" },
    });
    const ada = await signUp(stoa.gatewayUrl, "ada");
    const times = { known: [] as number[], unknown: [] as number[] };
    const trials = scaled(settings, 200, 3);
    for (let trial = 0; trial < trials; trial++) {
      const known = async () => times.known.push(await refused(stoa.gatewayUrl, ada.username, trial * 2));
      const unknown = async () => times.unknown.push(await refused(stoa.gatewayUrl, `nobody${trial}`, trial * 2 + 1));
      for (const attempt of trial % 2 === 0 ? [known, unknown] : [unknown, known]) await attempt();
      await reset(stoa.gatewayUrl, ada);
    }
    const [known_ms, unknown_ms] = [quantile(times.known, 0.5), quantile(times.unknown, 0.5)];
    const apart = Math.max(known_ms, unknown_ms) / Math.min(known_ms, unknown_ms);
    const numbers = { trials, known_ms, unknown_ms, apart };
    return [within("refused login, known or not", numbers, "apart", "<=", 1.1)];
  },
};

/** How long a wrong login takes; milliseconds. */
async function refused(base: string, username: string, n: number): Promise<number> {
  const headers = { "x-forwarded-for": `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, "user-agent": "stranger" };
  const began = performance.now();
  const { status } = await new Client(base).post("/api/v1/auth/login", { username, password: "not theirs" }, headers);
  if (status !== 401) throw new Error(`A wrong login was answered ${status}.`);
  return performance.now() - began;
}

/** A successful login resets the account's failures. */
async function reset(base: string, { username, password }: Person): Promise<void> {
  await new Client(base).must(200, "POST", "/api/v1/auth/login", { username, password });
}
