import { afterEach, describe, expect, test } from "bun:test";
import { connect } from "./client.ts";

interface Asked {
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | null;
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server that answers in turn, by path, and remembers what it was asked. */
function serve(answers: Record<string, (() => Response)[]>) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const path = new URL(request.url).pathname.replace("/api/v1", "");
      asked.push({ path, body: await request.json(), authorization: request.headers.get("authorization") });
      const left = answers[path] ?? [];
      return (left.length > 1 ? left.shift() : left[0])?.() ?? new Response(null, { status: 404 });
    },
  });
  stops.push(() => server.stop(true));
  const slept: number[] = [];
  const sleep = async (ms: number) => slept.push(ms);
  return { url: server.url.origin, asked, slept, sleep };
}

const json = (body: unknown, init?: ResponseInit) => () => Response.json(body, init);
const problem = (status: number, error_code: string, headers = {}) =>
  json({ error_code, detail: "No." }, { status, headers });
const saved = json({ results: [], totals: { created: 0, updated: 0, unchanged: 0, failed: 0 } });
const login = { username: "ada", password: "seven herons" };
const payload = { source: "s" };

describe("a client", () => {
  test("logs in, saves with its token, and logs out", async () => {
    const { asked, url, sleep } = serve({
      "/auth/login": [json({ access_token: "one", refresh_token: "r1" })],
      "/data/save": [saved],
      "/auth/logout": [() => new Response(null, { status: 204 })],
    });
    const client = await connect({ url: `${url}/`, login, sleep });
    expect((await client.save(payload)).results).toEqual([]);
    await client.close();
    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ["/auth/login", null],
      ["/data/save", "Bearer one"],
      ["/auth/logout", "Bearer one"],
    ]);
  });

  test("renews a token that has expired, once", async () => {
    const { asked, url, sleep } = serve({
      "/auth/login": [json({ access_token: "one", refresh_token: "r1" })],
      "/auth/refresh": [json({ access_token: "two", refresh_token: "r2" })],
      "/data/save": [problem(401, "token_expired"), saved, problem(401, "session_revoked")],
    });
    const client = await connect({ url, login, sleep });
    await client.save(payload);
    expect(asked.slice(2).map(({ path, authorization }) => [path, authorization])).toEqual([
      ["/auth/refresh", null],
      ["/data/save", "Bearer two"],
    ]);
    await expect(client.save(payload)).rejects.toThrow("401 session_revoked: No.");
  });

  test("with a token of its own cannot renew it, and ends no session", async () => {
    const { asked, url, sleep } = serve({ "/data/save": [problem(401, "token_expired")] });
    const client = await connect({ url, token: "mine", sleep });
    await expect(client.save(payload)).rejects.toThrow("token_expired");
    await client.close();
    expect(asked.map(({ path }) => path)).toEqual(["/data/save"]);
  });

  test("waits as long as it is told when the server is busy, and gives up in the end", async () => {
    const { url, sleep, slept } = serve({
      "/data/save": [problem(429, "rate_limited", { "retry-after": "7" }), problem(503, "unavailable"), saved],
    });
    const client = await connect({ url, token: "t", sleep });
    await client.save(payload);
    expect(slept).toEqual([7_000, 1_000]);
    const busy = serve({ "/data/save": [problem(503, "unavailable")] });
    const other = await connect({ url: busy.url, token: "t", sleep: busy.sleep });
    await expect(other.save(payload)).rejects.toThrow("503 unavailable");
    expect(busy.asked).toHaveLength(6);
  });

  test("says that a server does not answer, and does not follow it elsewhere", async () => {
    const elsewhere = serve({ "/data/save": [saved] });
    const { url, sleep } = serve({ "/data/save": [() => Response.redirect(`${elsewhere.url}/api/v1/data/save`, 307)] });
    await expect((await connect({ url, token: "t", sleep })).save(payload)).rejects.toThrow("307 : without a reason");
    expect(elsewhere.asked).toEqual([]);
    const slept: number[] = [];
    const away = await connect({ url: "http://127.0.0.1:1", token: "t", sleep: async (ms) => slept.push(ms) });
    await expect(away.save(payload)).rejects.toThrow("run this again");
    expect(slept).toHaveLength(5);
  });

  test("that may not log in says why, without the password", async () => {
    const { url, sleep } = serve({ "/auth/login": [problem(401, "invalid_credentials")] });
    const refused = await connect({ url, login, sleep }).catch((error: Error) => error);
    expect(String(refused)).toContain("401 invalid_credentials");
    expect(String(refused)).not.toContain(login.password);
  });
});
