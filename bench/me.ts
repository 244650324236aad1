import { Client } from "../tests/client.ts";
import { alternate } from "./alternate.ts";
import { startBareRead } from "./bare-read.ts";
import { loadOn } from "./cpu.ts";
import { atLeast, cpuWithin, type Measurement, type Settings, scaled, withoutBound } from "./measurement.ts";
import { copyDatabase, startBare, startWorld, type World } from "./stoa.ts";
import { numbersOf } from "./tasks-read.ts";

const connections = 16;

/** More tokens than the verifier caches, so that none is in the cache when they are used in turn. */
const freshTokens = 10_500;

/** Reading the user themselves, which is the smallest request with a token. */
export const me: Measurement = {
  name: "me",
  about: "GET /auth/me, with one token and with always new ones, compared with a bare server that reads the row",
  async run(settings) {
    await using world = await startWorld({ tasks: 30 });
    await using page = await startBareRead(world);
    const { ada, headers, server, stoa } = world;
    const read = { sql: "select * from users where id = ?", args: [ada.id] };
    await using bare = await startBare({ driver: "bun", file: await copyDatabase(world, "identity"), read });
    const url = `${stoa.gatewayUrl}/api/v1/auth/me`;
    const shared = { connections, status: 200 };
    const cached = (seconds: number) => loadOn(server, { ...shared, headers, url, seconds });
    const theirs = (seconds: number) => loadOn(bare, { ...shared, headers, url: bare.url, seconds });
    const tokens = await tokensOf(world, settings);
    const fresh = (seconds: number) =>
      loadOn(server, { ...shared, headers: { ...headers, authorization: "Bearer {token}" }, tokens, url, seconds });

    const known = await alternate(settings, cached, theirs);
    const bareRead = await page.cpuMs(settings);
    const unknown = await alternate(settings, fresh, cached);
    return [
      atLeast(0.5, "GET /auth/me", known.ratio, numbersOf(known)),
      cpuWithin(0.13, "GET /auth/me", known.cpu.ours, bareRead),
      withoutBound(
        "the same with always new tokens, compared with one",
        {
          per_second: unknown.ours,
          one_token_per_second: unknown.theirs,
          cpu_ms: unknown.cpu.ours,
          one_token_cpu_ms: unknown.cpu.theirs,
        },
        unknown.ratio,
      ),
    ];
  },
};

/** Makes access tokens of one user by refreshing several sessions again and again. */
async function tokensOf({ stoa, ada }: World, settings: Settings): Promise<string[]> {
  const anonymous = new Client(stoa.gatewayUrl);
  const each = Math.ceil(scaled(settings, freshTokens, 100) / connections);
  const credentials = { username: ada.username, password: ada.password };
  const chains = Array.from({ length: connections }, async () => {
    let pair = await anonymous.must<Pair>(200, "POST", "/api/v1/auth/login", credentials);
    const chain = [pair.access_token];
    while (chain.length < each) {
      pair = await anonymous.must<Pair>(200, "POST", "/api/v1/auth/refresh", { refresh_token: pair.refresh_token });
      chain.push(pair.access_token);
    }
    return chain;
  });
  return (await Promise.all(chains)).flat();
}

interface Pair {
  readonly access_token: string;
  readonly refresh_token: string;
}
