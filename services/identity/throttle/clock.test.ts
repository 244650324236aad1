import { expect, test } from "bun:test";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { enrolled, mfaToken } from "../test/mfa.ts";

const HOUR_MS = 3_600_000;
const LONGEST_MS = 900_000;

const logIn = async (identity: TestIdentity, secret: string) =>
  (await identity.call("POST", "/auth/login", { body: { username: "ada", password: secret } })).status;

/** Fails until the longest wait. */
async function block(identity: TestIdentity, fail: () => Promise<number>) {
  for (let failed = 0; failed < 14; failed++) {
    if ((await fail()) === 429) throw new Error("Not judged.");
    identity.clock.ahead += LONGEST_MS;
  }
  identity.clock.ahead -= LONGEST_MS;
}

test("a block lasts 15 minutes at most, also when the clock is set back meanwhile", async () => {
  await using identity = await testIdentity();
  await identity.register("ada");
  await block(identity, () => logIn(identity, "wrong"));
  expect(await logIn(identity, password)).toBe(429);
  identity.clock.ahead += LONGEST_MS - 1_000;
  expect(await logIn(identity, password)).toBe(429);
  identity.clock.ahead -= HOUR_MS;
  // What it judges then counts like any other failure.
  expect(await logIn(identity, "wrong")).toBe(401);
  expect(await logIn(identity, password)).toBe(429);
  identity.clock.ahead += LONGEST_MS;
  expect(await logIn(identity, password)).toBe(200);
});

test("nor does that of codes, or of a password asked again", async () => {
  await using identity = await testIdentity();
  // The keys of tokens are from before: what is set back is not behind them.
  identity.clock.ahead += 2 * HOUR_MS;
  const ada = await enrolled(identity, "ada");
  const { token } = await identity.person("grace");
  const again = async (secret: string, who = token) =>
    (await identity.call("POST", "/auth/reauthenticate", { token: who, body: { password: secret } })).status;
  for (let failed = 0; failed < 5; failed++) expect(await again("wrong")).toBe(403);
  expect(await again(password)).toBe(429);
  const code = async (mfa_token: string) =>
    (await identity.call("POST", "/auth/mfa/verify", { body: { mfa_token, code: "000000" } })).status;
  for (let failed = 0; failed < 10; failed++) expect(await code(await mfaToken(identity, ada.name))).toBe(401);
  expect(await code(await mfaToken(identity, ada.name))).toBe(429);
  identity.clock.ahead -= HOUR_MS;
  expect(await again(password, (await identity.login("grace")).access_token)).toBe(200);
  expect(await code(await mfaToken(identity, ada.name))).toBe(401);
});
