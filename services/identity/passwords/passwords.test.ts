import { describe, expect, spyOn, test } from "bun:test";
import { bunPasswords } from "../passwords-bun.ts";
import { password } from "../test/harness.ts";

describe("hashing on Bun", () => {
  const passwords = bunPasswords();

  test("is argon2id at the cost that OWASP asks for, with a salt of its own each time", async () => {
    const [first, second] = [await passwords.hash(password), await passwords.hash(password)];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
    expect(await passwords.verify(password, first)).toBe(true);
    expect(await passwords.verify(`${password} `, first)).toBe(false);
  });

  test("no password is right where there is no hash", async () => {
    for (const guess of ["", "nobody", "\0", password]) expect(await passwords.verify(guess, null)).toBe(false);
  });

  test("verifying without a hash takes the work of verifying with one", async () => {
    const hash = await passwords.hash(password);
    using verify = spyOn(Bun.password, "verify");
    for (const of of [hash, null]) expect(await passwords.verify("not this one", of)).toBe(false);
    // The work depends on the parameters and on the lengths of salt and hash.
    const [known, nobodys] = verify.mock.calls.map(([, of]) => String(of).split("$"));
    expect(known?.join("$")).toBe(hash);
    expect(nobodys?.slice(0, 4)).toEqual(known?.slice(0, 4) ?? []);
    expect(nobodys?.map(({ length }) => length)).toEqual(known?.map(({ length }) => length) ?? []);
  });

  test("a hash of an unknown kind, or one that would cost too much, is never right and never run", async () => {
    const greedy = "$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA";
    for (const hash of [
      "",
      "plain",
      "$2b$10$abcdefghijklmnopqrstuv",
      greedy,
      "$argon2id$v=19$m=19456,t=99,p=1$c2E$aGE",
    ]) {
      expect(await passwords.verify(password, hash)).toBe(false);
    }
  });

  test("the user's names make a password weaker", async () => {
    const stranger = await passwords.estimate("lovelace1815", []);
    const known = await passwords.estimate("lovelace1815", ["lovelace1815"]);
    expect(known.score).toBeLessThan(3);
    expect(known.score).toBeLessThanOrEqual(stranger.score);
    expect((await passwords.estimate(password, ["ada"])).score).toBe(4);
  });
});

test("two hundred at once wait their turn, and none is refused", async () => {
  const passwords = bunPasswords();
  const hash = "$2b$04$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW";
  const answers = await Promise.all(Array.from({ length: 200 }, () => passwords.verify("no", hash)));
  expect(new Set(answers)).toEqual(new Set([false]));
});

test("past the depth of its queue hashing says unavailable at once, with Retry-After", async () => {
  const narrow = bunPasswords({ cores: 1, depth: 1 });
  const hashes = Array.from({ length: 3 }, () => narrow.hash(password));
  const refused = (await Promise.allSettled(hashes)).flatMap((each) =>
    each.status === "rejected" ? [each.reason] : [],
  );
  expect(refused).toMatchObject([{ code: "unavailable", status: 503, headers: { "retry-after": "2" } }]);
});
