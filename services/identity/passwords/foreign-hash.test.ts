import { describe, expect, test } from "bun:test";
import { pbkdf2Sync } from "node:crypto";
import { sql } from "@stoa/db";
import { bunPasswords } from "../passwords-bun.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { refusalOf } from "./stored-hash.ts";

const passwords = bunPasswords();
const salt = new TextEncoder().encode("saltsaltsaltsalt");
const bcrypt = (text: string | Uint8Array<ArrayBuffer>) => Bun.password.hash(text, { algorithm: "bcrypt", cost: 4 });
const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** The example of Firebase's own repository, firebase/scrypt. */
const firebase =
  "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

/** What other systems keep for the same password. */
const kept: Record<string, () => Promise<string>> = {
  "Django's argon2": async () =>
    `argon2${await Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 1_024, timeCost: 2 })}`,
  "Django's bcrypt": async () => `bcrypt$${await bcrypt(password)}`,
  "Django's bcrypt_sha256": async () => `bcrypt_sha256$${await bcrypt(sha256(password))}`,
  "Django's PBKDF2": async () =>
    `pbkdf2_sha256$1000$NaClNaCl$${pbkdf2Sync(password, "NaClNaCl", 1_000, 32, "sha256").toString("base64")}`,
  "Keycloak's PBKDF2, 64 bytes": async () =>
    `$pbkdf2-sha256$i=27500,l=64$${salt.toBase64()}$${pbkdf2Sync(password, salt, 27_500, 64, "sha256").toString("base64")}`,
  "Keycloak's PBKDF2 by SHA-512": async () =>
    `$pbkdf2-sha512$i=1000$${salt.toBase64()}$${pbkdf2Sync(password, salt, 1_000, 64, "sha512").toString("base64")}`,
  "passlib's PBKDF2": async () => {
    const ab64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true }).replaceAll("+", ".");
    return `$pbkdf2-sha256$1000$${ab64(salt)}$${ab64(pbkdf2Sync(password, salt, 1_000, 32, "sha256"))}`;
  },
};

describe("hashes of other systems", () => {
  test.each(Object.keys(kept))("%s are taken, and no other password is right", async (name) => {
    const hash = (await kept[name]?.()) ?? "";
    expect([refusalOf(hash), passwords.isPresent(hash)]).toEqual([undefined, false]);
    expect(await passwords.verify(password, hash)).toBe(true);
    expect(await passwords.verify(`${password} `, hash)).toBe(false);
  });

  test("Firebase's published example is taken", async () => {
    expect(refusalOf(firebase)).toBeUndefined();
    expect(await passwords.verify("user1password", firebase)).toBe(true);
    expect(await passwords.verify("user2password", firebase)).toBe(false);
  });

  test("those that cost too much, or are none, are refused and never run", async () => {
    const output = "A".repeat(43);
    for (const [hash, reason] of [
      [`pbkdf2_sha256$2000001$salt$${output}`, /iterations/],
      [`pbkdf2_sha256$0$salt$${output}`, /iterations/],
      [`$pbkdf2-sha256$i=1500000,l=64$AAAA$${"A".repeat(86)}`, /3000000/],
      ["pbkdf2_sha256$1000$salt$AAAA", /neither/],
      [`pbkdf2_md5$1000$salt$${output}`, /neither/],
      [firebase.replace("n=14", "n=17"), /scrypt/],
      [firebase.replace("n=14,r=8", "n=16,r=17"), /scrypt/],
      [firebase.replace("n=14,r=8", "n=16,r=16"), undefined],
      [firebase.replace("p=1", "p=9"), /scrypt/],
      [firebase.replace("jxspr8", "r8"), /neither/],
      ["$fbscrypt$v=1,n=14,r=8,p=1,ss=,sk=AAAA$AAAA$AAAA", /neither/],
      ["$fbscrypt$v=1,n=14,r=8,p=1,ss=AAAAA,sk=AAAA$AAAA$AAAA", /neither/],
      [`$2x$04$${"a".repeat(53)}`, /neither/],
    ] as const) {
      if (reason === undefined) expect(refusalOf(hash)).toBeUndefined();
      else {
        expect(refusalOf(hash)).toMatch(reason);
        expect(await passwords.verify(password, hash)).toBe(false);
      }
    }
  });
});

async function imported(hash: string): Promise<TestIdentity> {
  const identity = await testIdentity({ passwords });
  const response = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${await identity.superuser()}`, "content-type": "application/x-ndjson" },
    body: JSON.stringify({ email: "ada@example.com", username: "ada", password_hash: hash }),
  });
  expect(await response.json()).toMatchObject({ outcome: "created" });
  return identity;
}

const status = async (identity: TestIdentity, secret: string) =>
  (await identity.call("POST", "/auth/login", { body: { username: "ada", password: secret } })).status;

const storedHash = async (identity: TestIdentity) =>
  String((await identity.db.query(sql`select password_hash from users where username = 'ada'`))[0]?.["password_hash"]);

test("a wrong ending past bcrypt's 72 bytes never becomes the password", async () => {
  const real = `${"a".repeat(80)}0123456789`;
  await using identity = await imported(await bcrypt(new TextEncoder().encode(real).slice(0, 72)));
  expect(await status(identity, `${"a".repeat(80)}WRONG`)).toBe(200);
  expect(await storedHash(identity)).toStartWith("$2b$");
  expect(await status(identity, real)).toBe(200);
  expect(await status(identity, "a".repeat(71))).toBe(401);
});

test("bcrypt of 72 bytes or fewer, and Django's of the SHA-256, are replaced at the login", async () => {
  for (const [secret, hash] of [
    ["b".repeat(72), await bcrypt("b".repeat(72))],
    ["c".repeat(90), `bcrypt_sha256$${await bcrypt(sha256("c".repeat(90)))}`],
  ] as const) {
    await using identity = await imported(hash);
    expect(await status(identity, secret)).toBe(200);
    expect(await storedHash(identity)).toStartWith("$argon2id$v=19$m=19456");
    expect(await status(identity, `${secret}x`)).toBe(401);
    expect(await status(identity, secret)).toBe(200);
  }
});

describe("passwords that were hashed as they were typed", () => {
  const decomposed = "cafe\u0301 au lait et croissants";
  const composed = decomposed.normalize("NFC");
  const wide = "ｃａｆé ﬁn du monde";

  test.each([
    ["NFD", decomposed, decomposed],
    ["NFC", composed, decomposed],
    ["NFKC", wide.normalize("NFKC"), wide],
  ])("%s: logs in, is proven, and is kept in NFC from then on", async (_form, hashed, typed) => {
    await using identity = await imported(await bcrypt(hashed));
    const { access_token: token } = await identity.login("ada", typed);
    expect(await status(identity, typed.normalize("NFC"))).toBe(200);
    const proof = { token, body: { password: typed } };
    expect((await identity.call("POST", "/auth/reauthenticate", proof)).status).toBe(200);
    expect(await storedHash(identity)).toStartWith("$argon2id$");
  });

  test("a proof in a session tries them too, where the hash was not replaced", async () => {
    const long = `e\u0301${"a".repeat(80)}`;
    await using identity = await imported(await bcrypt(new TextEncoder().encode(long).slice(0, 72)));
    const { access_token: token } = await identity.login("ada", long);
    const proof = { token, body: { password: long } };
    expect((await identity.call("POST", "/auth/reauthenticate", proof)).status).toBe(200);
  });
});
