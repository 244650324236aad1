import { describe, expect, test } from "bun:test";
import { argon2d, argon2i, argon2id } from "@noble/hashes/argon2.js";
import { sql } from "@stoa/db";
import { bunPasswords } from "../passwords-bun.ts";
import { password, testIdentity } from "../test/harness.ts";
import { readHash, refusalOf } from "./stored-hash.ts";

const passwords = bunPasswords();
const base64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });
const salt = "saltsaltsaltsalt";

/** A PHC string as another system would have made it. */
function phc(make: typeof argon2id, name: string, { m = 256, t = 2, p = 1 } = {}): string {
  const output = make(password, salt, { m, t, p, dkLen: 32 });
  return `$${name}$v=19$m=${m},t=${t},p=${p}$${base64(new TextEncoder().encode(salt))}$${base64(output)}`;
}

describe("hashes of other systems", () => {
  test.each(["2a", "2b", "2y"])("bcrypt as $%s$ is verified", async (version) => {
    const made = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
    const hash = made.replace("$2b$", `$${version}$`);
    expect(await passwords.verify(password, hash)).toBe(true);
    expect(await passwords.verify(`${password} `, hash)).toBe(false);
    expect([refusalOf(hash), passwords.isPresent(hash)]).toEqual([undefined, false]);
  });

  test("bcrypt reads 72 bytes, as where it was made", async () => {
    const long = "ä".repeat(60);
    const hash = await Bun.password.hash(new TextEncoder().encode(long).slice(0, 72), { algorithm: "bcrypt", cost: 4 });
    expect(await passwords.verify(long, hash)).toBe(true);
    expect(await passwords.verify("ä".repeat(35), hash)).toBe(false);
  });

  test("argon2id, argon2i and argon2d are verified, also with several lanes", async () => {
    for (const hash of [
      phc(argon2id, "argon2id", { p: 4 }),
      phc(argon2i, "argon2i", { t: 3 }),
      phc(argon2d, "argon2d"),
    ]) {
      expect(await passwords.verify(password, hash)).toBe(true);
      expect(await passwords.verify("not this", hash)).toBe(false);
      expect(passwords.isPresent(hash)).toBe(false);
    }
  });

  test("the presets of common frameworks are accepted", () => {
    const rest = `$${"A".repeat(22)}$${"A".repeat(43)}`;
    for (const cost of [
      "argon2id$v=19$m=102400,t=2,p=8", // Django
      "argon2id$v=19$m=65536,t=4,p=1", // PHP, Laravel
      "argon2id$v=19$m=65536,t=3,p=4", // RFC 9106, second choice; argon2-cffi
      "argon2id$v=19$m=16384,t=2,p=1", // Spring
      "argon2id$v=19$m=47104,t=1,p=1", // OWASP
      "argon2i$v=19$m=65536,t=2,p=1", // libsodium, interactive
    ]) {
      expect([cost, refusalOf(`$${cost}${rest}`)]).toEqual([cost, undefined]);
    }
  });
});

describe("hashes that are refused and never run", () => {
  const rest = `$${"A".repeat(22)}$${"A".repeat(43)}`;
  const bcrypt = (cost: string) => `$2b$${cost}$${"a".repeat(53)}`;
  const bad: Record<string, [hash: string, reason: RegExp]> = {
    "a gigabyte": [`$argon2id$v=19$m=1048576,t=1,p=1${rest}`, /131072 KiB/],
    "128 MiB ten times over": [`$argon2id$v=19$m=131072,t=10,p=1${rest}`, /m × t/],
    "eleven passes": [`$argon2id$v=19$m=8192,t=11,p=1${rest}`, /passes/],
    "no pass": [`$argon2id$v=19$m=8192,t=0,p=1${rest}`, /passes/],
    "seventeen lanes": [`$argon2id$v=19$m=8192,t=1,p=17${rest}`, /lanes/],
    "no lane": [`$argon2id$v=19$m=8192,t=1,p=0${rest}`, /lanes/],
    "less memory than its lanes need": [`$argon2id$v=19$m=8,t=1,p=4${rest}`, /8 KiB a lane/],
    "bcrypt of cost 17": [bcrypt("17"), /4 to 16/],
    "bcrypt of cost 3": [bcrypt("03"), /4 to 16/],
    "bcrypt that is too short": [bcrypt("10").slice(0, -1), /neither/],
    "$2x$, which hashed wrongly": [bcrypt("10").replace("$2b$", "$2x$"), /neither/],
    "argon2 of version 16": [`$argon2id$v=16$m=8192,t=1,p=1${rest}`, /version 19/],
    "argon2 without a version": [`$argon2id$m=8192,t=1,p=1${rest}`, /neither/],
    "a salt of 4 bytes": [`$argon2id$v=19$m=8192,t=1,p=1$AAAAAA$${"A".repeat(43)}`, /neither/],
    "Base64 that is none": [`$argon2id$v=19$m=8192,t=1,p=1$${"A".repeat(21)}$${"A".repeat(43)}`, /neither/],
    "Base64 with loose bits": [`$argon2id$v=19$m=8192,t=1,p=1$${"A".repeat(21)}B$${"A".repeat(43)}`, /neither/],
    "a line break": [`${bcrypt("10")}\n`, /neither/],
    scrypt: ["$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", /neither/],
    "plain MD5": ["5f4dcc3b5aa765d61d8327deb882cf99", /neither/],
    nothing: ["", /neither/],
  };
  test.each(Object.entries(bad))("%s", async (_, [hash, reason]) => {
    expect(refusalOf(hash)).toMatch(reason);
    expect(await passwords.verify(password, hash)).toBe(false);
  });

  test("a hash that is read says what it costs", () => {
    expect(readHash(bcrypt("12"))).toEqual({ kind: "bcrypt", cost: 12 });
    expect(readHash(`$argon2i$v=19$m=8192,t=3,p=2${rest}`)).toEqual({
      kind: "argon2",
      variant: "argon2i",
      memory: 8192,
      passes: 3,
      lanes: 2,
    });
  });
});

describe("a login with a hash of another system", () => {
  const give = async (identity: Awaited<ReturnType<typeof testIdentity>>, hash: string) => {
    await identity.db.write([sql`update users set password_hash = ${hash} where username = 'ada'`]);
  };
  const hashOf = async (identity: Awaited<ReturnType<typeof testIdentity>>) =>
    String(
      (await identity.db.query(sql`select password_hash from users where username = 'ada'`))[0]?.["password_hash"],
    );

  test("replaces it by one of our own, in the write of the login", async () => {
    await using identity = await testIdentity({ passwords });
    await identity.register("ada");
    await give(identity, await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 }));
    await identity.login("ada");
    const renewed = await hashOf(identity);
    expect(passwords.isPresent(renewed)).toBe(true);
    await identity.login("ada");
    expect(await hashOf(identity)).toBe(renewed);
    expect(await identity.events("user.password_changed")).toEqual([]);
  });

  test("leaves it when the password is wrong", async () => {
    await using identity = await testIdentity({ passwords });
    await identity.register("ada");
    const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
    await give(identity, hash);
    await identity.call("POST", "/auth/login", { body: { username: "ada", password: "not this" } });
    expect(await hashOf(identity)).toBe(hash);
  });

  test("several at once all succeed, although the first has replaced the hash", async () => {
    await using identity = await testIdentity({ passwords });
    await identity.register("ada");
    await give(identity, await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 }));
    const sessions = await Promise.all(Array.from({ length: 6 }, () => identity.login("ada")));
    expect(new Set(sessions.map(({ session_id }) => session_id)).size).toBe(6);
    expect(passwords.isPresent(await hashOf(identity))).toBe(true);
  });
});
