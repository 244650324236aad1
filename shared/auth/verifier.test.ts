import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { type TestKeys, testKeys } from "@stoa/testing";
import { base64url, CompactSign, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { memoryRevocations } from "./memory-revocations.ts";
import { createVerifier } from "./verifier.ts";

const keys = await testKeys();
const other = await testKeys({ kid: keys.kid });

/** A verifier that trusts `keys`, with a clock that tests can move and a count of how often it read the keys. */
function setUp(trusted: () => TestKeys | Error = () => keys) {
  const clock = { ms: Date.now() };
  const now = () => new Date(clock.ms);
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now });
  const counts = { reads: 0 };
  const { verify, reload } = createVerifier({
    keys: async () => {
      counts.reads++;
      const found = trusted();
      if (found instanceof Error) throw found;
      return found.jwks;
    },
    issuer: keys.issuer,
    audience: keys.audience,
    revocations,
    now,
  });
  return { verify, reload, revocations, clock, counts };
}

const refused = (code: string) => expect.objectContaining({ code, status: 401 });

describe("a token of identity", () => {
  test("becomes a principal", async () => {
    const { verify } = setUp();
    const sub = newId();
    const token = await keys.signToken({ sub, roles: ["auditor"], is_superuser: true });
    expect(await verify(token)).toMatchObject({
      user_id: sub,
      roles: ["auditor"],
      is_superuser: true,
      username: "ada",
      amr: ["pwd"],
    });
  });

  test("of an earlier release says nothing of how its session was authenticated", async () => {
    const { verify } = setUp();
    expect((await verify(await keys.signToken({ amr: undefined }))).amr).toEqual([]);
  });

  test("has its signature checked once, its expiry every time", async () => {
    const { verify, clock } = setUp();
    const token = await keys.signToken();
    const first = await verify(token);
    expect(await verify(token)).toBe(first);
    clock.ms += 901_000;
    await expect(verify(token)).rejects.toEqual(refused("token_expired"));
    await expect(verify(token)).rejects.toEqual(refused("token_expired"));
  });

  test("has one spelling: the bits that decoders ignore are zeros", async () => {
    const { verify } = setUp();
    const token = await keys.signToken();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const others = [...alphabet].map((letter) => token.slice(0, -1) + letter).filter((other) => other !== token);
    for (const other of [...others, `${token}=`, `${token}==`, ` ${token}`, `${token}\n`]) {
      await expect(verify(other)).rejects.toEqual(refused("invalid_token"));
    }
    expect(await verify(token)).toBeDefined();
  });

  test("may be a minute ahead of this clock, and no more", async () => {
    const { verify, clock } = setUp();
    const at = Math.floor(clock.ms / 1_000);
    expect(await verify(await keys.signToken({ iat: at + 60 }))).toBeDefined();
    await expect(verify(await keys.signToken({ iat: at + 62 }))).rejects.toEqual(refused("invalid_token"));
  });

  test("may name its audience in a list", async () => {
    const { verify } = setUp();
    expect(await verify(await keys.signToken({ aud: ["elsewhere", "stoa"] }))).toBeDefined();
  });
});

describe("refuses with invalid_token", () => {
  const { verify } = setUp();
  const claims = async () =>
    JSON.parse(new TextDecoder().decode(base64url.decode((await keys.signToken()).split(".")[1] ?? "")));
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));

  const forged: Record<string, () => Promise<unknown>> = {
    "alg none": async () => `${encode({ alg: "none", typ: "at+jwt", kid: keys.kid })}.${encode(await claims())}.`,
    "alg None in other case": async () =>
      `${encode({ alg: "nOnE", typ: "at+jwt", kid: keys.kid })}.${encode(await claims())}.`,
    "HS256 with the public key as secret": async () => {
      const secret = new TextEncoder().encode(JSON.stringify(keys.publicJwk));
      return new SignJWT(await claims())
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: keys.kid })
        .sign(secret);
    },
    "ES384 under the same kid": async () => {
      const { privateKey } = await generateKeyPair("ES384");
      return new SignJWT(await claims())
        .setProtectedHeader({ alg: "ES384", typ: "at+jwt", kid: keys.kid })
        .sign(privateKey);
    },
    "a foreign key under the same kid": () => other.signToken(),
    "an unknown kid": () => keys.signToken({ header: { kid: "another" } }),
    "no kid": () => keys.signToken({ header: { kid: undefined } }),
    "a kid that is not a string": () => keys.signToken({ header: { kid: 7 } }),
    "a kid that names a property of every object": () => keys.signToken({ header: { kid: "__proto__" } }),
    "another issuer": () => keys.signToken({ iss: "https://evil.test" }),
    "another audience": () => keys.signToken({ aud: "elsewhere" }),
    "another type": () => keys.signToken({ header: { typ: "JWT" } }),
    "no type": () => keys.signToken({ header: { typ: undefined } }),
    "a time before which it is not valid": () => keys.signToken({ nbf: Math.floor(Date.now() / 1_000) + 600 }),
    "an unknown critical header": async () =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(await claims())))
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: keys.kid, crit: ["x"], x: 1 })
        .sign(keys.privateKey, { crit: { x: true } }),
    "a key of its own in jwk": async () => {
      const own = await generateKeyPair("ES256", { extractable: true });
      const jwk = await exportJWK(own.publicKey);
      return new SignJWT(await claims())
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: "mine", jwk })
        .sign(own.privateKey);
    },
    "a URL of keys in jku": () => other.signToken({ header: { kid: "x", jku: "https://evil.test/jwks.json" } }),
    "half of a token": async () => (await keys.signToken()).slice(0, 120),
    "no signature": async () => `${(await keys.signToken()).split(".").slice(0, 2).join(".")}.`,
    "two parts": async () => (await keys.signToken()).split(".").slice(0, 2).join("."),
    "five parts": async () => `${await keys.signToken()}.x.y`,
    "a changed claim": async () => {
      const [header, , signature] = (await keys.signToken()).split(".");
      return `${header}.${encode({ ...(await claims()), is_superuser: true })}.${signature}`;
    },
    "a payload that is not an object": async () =>
      new CompactSign(new TextEncoder().encode("[]"))
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: keys.kid })
        .sign(keys.privateKey),
    "an empty string": async () => "",
    "a string of dots": async () => "...",
    "bytes instead of a string": async () => new Uint8Array([1, 2, 3]),
    "an object": async () => ({ toString: () => "x" }),
    nothing: async () => undefined,
    "more than 8 KiB": () => keys.signToken({ padding: "a".repeat(9_000) }),
  };
  for (const [name, make] of Object.entries(forged)) {
    test(name, async () => {
      const token = (await make()) as string;
      await expect(verify(token)).rejects.toEqual(refused("invalid_token"));
      // It is refused the second time too.
      await expect(verify(token)).rejects.toEqual(refused("invalid_token"));
    });
  }

  for (const claim of [
    "exp",
    "iat",
    "sub",
    "sid",
    "jti",
    "auth_time",
    "iss",
    "aud",
    "roles",
    "is_superuser",
    "username",
  ]) {
    test(`no ${claim}`, async () => {
      await expect(verify(await keys.signToken({ [claim]: undefined }))).rejects.toEqual(refused("invalid_token"));
    });
  }

  const wrong: [string, unknown][] = [
    ["exp", "2030-01-01"],
    ["exp", 1e300],
    ["iat", "now"],
    ["iat", -5],
    ["auth_time", "1"],
    ["auth_time", 1.5],
    ["amr", "mfa"],
    ["amr", { 0: "mfa" }],
    ["amr", [1]],
    ["amr", [""]],
    ["amr", null],
    ["sub", 7],
    ["sub", ""],
    ["sid", ["x"]],
    ["jti", null],
    ["roles", "admin"],
    ["roles", [1]],
    ["roles", { length: 1 }],
    ["is_superuser", "true"],
    ["is_superuser", 1],
    ["username", null],
  ];
  for (const [claim, value] of wrong) {
    test(`${claim} as ${JSON.stringify(value)}`, async () => {
      await expect(verify(await keys.signToken({ [claim]: value }))).rejects.toEqual(refused("invalid_token"));
    });
  }
});

test("an expired token is distinguished from a forged one only when its signature is valid", async () => {
  const { verify } = setUp();
  const exp = Math.floor(Date.now() / 1_000) - 1;
  await expect(verify(await keys.signToken({ exp }))).rejects.toEqual(refused("token_expired"));
  await expect(verify(await other.signToken({ exp }))).rejects.toEqual(refused("invalid_token"));
});

test("no error contains anything of the token", async () => {
  const { verify } = setUp();
  const token = await keys.signToken({ aud: "elsewhere", username: "secret-name" });
  const error: unknown = await verify(token).catch((refusal: unknown) => refusal);
  expect(Bun.inspect(error)).not.toContain("secret-name");
  expect(Bun.inspect(error)).not.toContain(token.slice(0, 40));
});

describe("keys", () => {
  test("a new kid is found by reading the set again", async () => {
    const next = await testKeys();
    let trusted = keys;
    const { verify, counts, clock } = setUp(() => ({ ...trusted, jwks: { keys: [trusted.publicJwk] } }));
    await verify(await keys.signToken());
    trusted = next;
    clock.ms += 10_000;
    expect(await verify(await next.signToken())).toBeDefined();
    expect(counts.reads).toBe(2);
  });

  test("forged kids do not make it read the set more than once in ten seconds", async () => {
    const { verify, counts, clock } = setUp();
    await verify(await keys.signToken());
    clock.ms += 10_000;
    const forgeries = await Promise.all(
      Array.from({ length: 50 }, (_, i) => keys.signToken({ header: { kid: `k${i}` } })),
    );
    await Promise.allSettled(forgeries.map((token) => verify(token)));
    expect(counts.reads).toBe(2);
  });

  test("when the set cannot be read, the last good one stays", async () => {
    let state: TestKeys | Error = keys;
    const { verify, reload, clock, counts } = setUp(() => state);
    const token = await keys.signToken({ exp: Math.floor(Date.now() / 1_000) + 3_600 });
    await verify(token);
    state = new Error("connection refused");
    clock.ms += 6 * 60_000;
    expect(await verify(token)).toBeDefined();
    await reload();
    expect(
      await verify(await keys.signToken({ jti: "another", exp: Math.floor(clock.ms / 1_000) + 60 })),
    ).toBeDefined();
    expect(counts.reads).toBe(3);
  });

  test("until a set was read, it answers unavailable and tries again with each token", async () => {
    let state: TestKeys | Error = new Error("connection refused");
    const { verify } = setUp(() => state);
    const token = await keys.signToken();
    await expect(verify(token)).rejects.toMatchObject({ code: "unavailable", headers: { "retry-after": "5" } });
    state = keys;
    expect(await verify(token)).toBeDefined();
  });

  test("the set is read again when it is five minutes old", async () => {
    const { verify, counts, clock } = setUp();
    const token = await keys.signToken();
    await verify(token);
    clock.ms += 299_000;
    await verify(token);
    expect(counts.reads).toBe(1);
    clock.ms += 1_000;
    await verify(token);
    expect(counts.reads).toBe(2);
  });

  test("when a key leaves the set, its tokens are refused, even those verified before", async () => {
    const next = await testKeys();
    let trusted = keys;
    const { verify, reload } = setUp(() => trusted);
    const token = await keys.signToken();
    await verify(token);
    trusted = next;
    await reload();
    await expect(verify(token)).rejects.toEqual(refused("invalid_token"));
  });

  test("a revoked key is refused at once, before the set is read", async () => {
    const { verify, revocations, counts } = setUp();
    const token = await keys.signToken();
    await verify(token);
    revocations.apply({
      type: "stoa.identity.key.revoked.v1",
      time: new Date().toISOString(),
      data: { kid: keys.kid },
    });
    await expect(verify(token)).rejects.toEqual(refused("invalid_token"));
    expect(counts.reads).toBe(1);
  });

  test("keys of another kind, without a kid or damaged are ignored; of a private key only the public part is imported", async () => {
    const rsa = await generateKeyPair("RS256", { extractable: true });
    const privateJwk = { ...(await exportJWK(keys.privateKey)), kid: keys.kid, alg: "ES256", use: "sig" };
    const jwks = {
      keys: [
        { ...(await exportJWK(rsa.publicKey)), kid: "rsa", alg: "RS256" },
        { ...keys.publicJwk, kid: undefined },
        { ...keys.publicJwk, kid: "enc", use: "enc" },
        { kty: "oct", k: "AAAA", kid: "oct", alg: "HS256" },
        privateJwk,
      ],
    };
    const { verify } = setUp(() => ({ ...keys, jwks }) as TestKeys);
    expect(await verify(await keys.signToken())).toBeDefined();
    for (const kid of ["rsa", "enc", "oct"]) {
      await expect(verify(await keys.signToken({ header: { kid } }))).rejects.toEqual(refused("invalid_token"));
    }
    expect(await importJWK(privateJwk, "ES256")).toHaveProperty("type", "private");
  });

  test("a verifier without jwksUrl and keys cannot be made", () => {
    const options = { issuer: "x", audience: "y", revocations: { lookup: () => undefined }, now: () => new Date() };
    expect(() => createVerifier(options)).toThrow(TypeError);
  });
});

describe("keys over HTTP", () => {
  const verifierOf = (answer: (url: string, init: RequestInit) => Promise<Response> | Response) =>
    createVerifier({
      jwksUrl: "http://identity.test/.well-known/jwks.json",
      fetch: (async (url: string, init: RequestInit) => answer(url, init)) as typeof fetch,
      issuer: keys.issuer,
      audience: keys.audience,
      revocations: { lookup: () => undefined },
      now: () => new Date(),
    });

  test("are read from the URL, with a time limit and without redirects", async () => {
    let seen: RequestInit = {};
    const { verify } = verifierOf((url, init) => {
      expect(url).toBe("http://identity.test/.well-known/jwks.json");
      seen = init;
      return Response.json(keys.jwks);
    });
    expect(await verify(await keys.signToken())).toBeDefined();
    expect(seen.redirect).toBe("manual");
    expect(seen.signal).toBeInstanceOf(AbortSignal);
  });

  const bad: Record<string, () => Response> = {
    "an error": () => new Response("no", { status: 500 }),
    "a redirect": () => Response.redirect("http://evil.test/", 302),
    "something that is not JSON": () => new Response("<html>"),
    "an empty set": () => Response.json({ keys: [] }),
    "no keys": () => Response.json({ keys: "none" }),
    "a set that is too large": () => Response.json({ keys: [], padding: "x".repeat(70_000) }),
  };
  for (const [name, answer] of Object.entries(bad)) {
    test(`${name} in response: unavailable`, async () => {
      await expect(verifierOf(answer).verify(await keys.signToken())).rejects.toMatchObject({ code: "unavailable" });
    });
  }
});
