import { expect, test } from "bun:test";
import { inProcess } from "@stoa/bus";
import { loadConfig } from "@stoa/config";
import { StoaError } from "@stoa/errors";
import { startRevocationFeed } from "@stoa/runtime/revocation-feed";
import { eventually, LOOKS_IN_A_SECOND, silent, temporaryDatabase } from "@stoa/testing";
import { decodeProtectedHeader } from "jose";
import type { Tokens } from "../sessions/schema.ts";
import { type TestIdentity, testIdentity } from "../test/harness.ts";

const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";

/**
 * Two processes of identity on one database, and three services that verify by its key set over HTTP and its events.
 */
async function system() {
  await using stack = new AsyncDisposableStack();
  const stored = stack.use(await temporaryDatabase("identity"));
  const shared = { db: stored.db, [Symbol.asyncDispose]: async () => undefined };
  const identities = [await testIdentity({ stored: shared }), await testIdentity({ stored: shared })] as const;
  const [first, second] = identities;
  const server = Bun.serve({
    port: 0,
    fetch: async ({ url }) => Response.json((await first.call("GET", new URL(url).pathname)).body),
  });
  stack.defer(() => server.stop(true));
  const config = loadConfig({ SECRET_KEY: "x".repeat(40), ISSUER: "http://stoa.test" }, "standalone");
  const feeds = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const transport = inProcess({ identity: stored.db }, silent);
      const source = transport.source("identity");
      const keys = { jwksUrl: `${server.url.origin}/.well-known/jwks.json` };
      const { now } = first.deps;
      const onKeys = () => second.deps.keys.lookAgain();
      const feed = await startRevocationFeed({ config, source, keys, onKeys, log: silent, now });
      stack.defer(async () => {
        await feed.stop();
        await transport.close();
      });
      return feed;
    }),
  );
  const owned = stack.move();
  return {
    identities,
    verifiers: feeds.map(({ verifier }) => verifier),
    pass: (ms: number) => {
      for (const { clock } of identities) clock.ahead += ms;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("three rotations and a revocation under load: every login works, and only tokens of the revoked key are refused", async () => {
  await using stoa = await system();
  const { identities, verifiers, pass } = stoa;
  const [first] = identities;
  await first.register("ada");
  const refused: { kid: string; code: string }[] = [];
  let logins = 0;
  let verified = 0;
  let stopped = false;

  const check = async (token: string) => {
    for (const verifier of verifiers) {
      try {
        await verifier.verify(token);
        verified++;
      } catch (error) {
        refused.push({ kid: kidOf(token), code: error instanceof StoaError ? error.code : String(error) });
      }
    }
  };
  const client = async (identity: TestIdentity) => {
    let before: string | undefined;
    while (!stopped) {
      const { access_token } = await identity.login("ada");
      logins++;
      await check(access_token);
      // The earlier token may have been signed by the earlier key.
      if (before !== undefined) await check(before);
      before = access_token;
    }
  };
  const more = async () => {
    const wanted = logins + 40;
    await eventually(() => logins >= wanted);
  };
  const load = [0, 1, 0, 1].map((index) => client(identities[index] ?? first));

  try {
    const token = () => first.superuser();
    for (let times = 0; times < 3; times++) {
      await more();
      pass(6 * 60_000);
      const rotated = await first.call("POST", "/auth/keys/rotate", { token: await token() });
      expect(rotated.status).toBe(200);
      await more();
    }
    expect(refused).toEqual([]);

    const victim = await token();
    const kid = kidOf(victim);
    for (const verifier of verifiers) await verifier.verify(victim);
    expect((await first.call("POST", `/auth/keys/${kid}/revoke`, { token: victim })).status).toBe(200);
    for (const verifier of verifiers) {
      const isRefused = () =>
        verifier.verify(victim).then(
          () => false,
          (error: unknown) => error instanceof StoaError && error.code === "invalid_token",
        );
      await eventually(isRefused, { looks: LOOKS_IN_A_SECOND });
    }
    await more();
    expect(refused.filter((each) => each.kid !== kid || each.code !== "invalid_token")).toEqual([]);
    const after = await identities[1].call<Tokens>("POST", "/auth/login", {
      body: { username: "ada", password: "seven herons by the weir" },
    });
    expect(kidOf(after.body.access_token)).not.toBe(kid);
  } finally {
    stopped = true;
    await Promise.all(load);
  }
  expect(verified).toBeGreaterThan(logins);
}, 60_000);
