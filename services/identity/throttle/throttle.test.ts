import { describe, expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { meanwhile, roundTrips, temporaryDatabase } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { password, quickPasswords, type TestIdentity, testIdentity } from "../test/harness.ts";
import { liftThrottle } from "./lift.ts";

interface Attempt {
  readonly username?: string;
  readonly secret?: string;
  readonly agent?: string;
  readonly address?: string;
}

/** One login. @returns its status, or `429 after 5` */
async function attempt(identity: TestIdentity, { username = "ada", secret = "wrong", agent, address }: Attempt = {}) {
  const { status, headers, body } = await identity.call("POST", "/auth/login", {
    body: { username, password: secret },
    headers: { ...(agent && { "user-agent": agent }), ...(address && { "x-test-address": address }) },
  });
  if (status === 429) expect(body.error_code).toBe("login_throttled");
  return status === 429 ? `429 after ${headers.get("retry-after")}` : status;
}

async function fail(identity: TestIdentity, times: number, how: Attempt = {}) {
  const answers: (string | number)[] = [];
  for (let i = 0; i < times; i++) answers.push(await attempt(identity, how));
  return answers;
}

/** Another address each time, so that only the account counts. */
async function failFromEverywhere(identity: TestIdentity, times: number, how: Attempt = {}) {
  const answers: (string | number)[] = [];
  for (let i = 0; i < times; i++) answers.push(await attempt(identity, { ...how, address: `198.51.100.${i + 1}` }));
  return answers;
}

const all = (status: number, times: number) => Array<number>(times).fill(status);

describe("an account", () => {
  test("waits from the fifth failure, with the right password too, and says how long", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    expect(await failFromEverywhere(identity, 5)).toEqual(all(401, 5));
    expect(await attempt(identity)).toBe("429 after 5");
    expect(await attempt(identity, { secret: password })).toBe("429 after 5");
    identity.clock.ahead += 5_000;
    expect(await attempt(identity, { secret: password })).toBe(200);
  });

  test("is counted as one under both of its names", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await fail(identity, 3);
    await fail(identity, 2, { username: "ADA@example.com" });
    expect(await attempt(identity)).toBe("429 after 5");
  });

  test("that does not exist waits alike, whatever the case of its name", async () => {
    await using identity = await testIdentity();
    expect(await fail(identity, 5, { username: "nobody" })).toEqual(all(401, 5));
    expect(await attempt(identity, { username: "Nobody" })).toBe("429 after 5");
    expect(await attempt(identity, { username: "somebody" })).toBe(401);
  });

  test("waits longer each time, at most 15 minutes, and is forgotten after 12 quiet hours", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await failFromEverywhere(identity, 5);
    const waits: (string | number)[] = [];
    for (let i = 0; i < 10; i++) {
      const wait = await attempt(identity, { address: `203.0.113.${i}` });
      waits.push(wait);
      identity.clock.ahead += Number(String(wait).split(" ").at(-1)) * 1_000;
      expect(await attempt(identity, { address: `203.0.113.${i}` })).toBe(401);
    }
    expect(waits.map((wait) => Number(String(wait).split(" ").at(-1)))).toEqual([
      5, 10, 20, 40, 80, 160, 320, 640, 900, 900,
    ]);
    identity.clock.ahead += 12 * 3_600_000;
    expect(await failFromEverywhere(identity, 5)).toEqual(all(401, 5));
  });

  test("that is throttled does not wait longer when it is tried meanwhile", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await failFromEverywhere(identity, 5);
    await failFromEverywhere(identity, 30);
    identity.clock.ahead += 5_000;
    expect(await attempt(identity, { secret: password })).toBe(200);
  });

  test("starts over after a login and after a password reset", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    await failFromEverywhere(identity, 4);
    await identity.login("ada");
    expect(await failFromEverywhere(identity, 5, { agent: "a stranger" })).toEqual(all(401, 5));
    await identity.db.write([liftThrottle(id, sql`1`)]);
    expect(await failFromEverywhere(identity, 4, { agent: "a stranger" })).toEqual(all(401, 4));
  });
});

describe("an address", () => {
  test("waits from the twentieth failure, whatever accounts it tries, and other addresses do not", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    for (let i = 0; i < 20; i++) expect(await attempt(identity, { username: `nobody-${i}` })).toBe(401);
    expect(await attempt(identity, { username: "another" })).toBe("429 after 5");
    expect(await attempt(identity, { secret: password })).toBe("429 after 5");
    expect(await attempt(identity, { secret: password, address: "198.51.100.7" })).toBe(200);
  });

  test("is not forgiven by a login", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    for (let i = 0; i < 19; i++) await attempt(identity, { username: `nobody-${i}` });
    expect(await attempt(identity, { secret: password, agent: "one" })).toBe(200);
    expect(await attempt(identity, { username: "another" })).toBe(401);
    expect(await attempt(identity, { username: "another" })).toBe("429 after 5");
  });

  test("is the /64 of an IPv6 address", async () => {
    await using identity = await testIdentity();
    for (let i = 0; i < 20; i++) await attempt(identity, { username: `nobody-${i}`, address: `2001:db8::${i + 1}` });
    expect(await attempt(identity, { username: "x-y-z", address: "2001:db8::ffff" })).toBe("429 after 5");
    expect(await attempt(identity, { username: "x-y-z", address: "2001:db8:0:1::1" })).toBe(401);
  });

  test("is forgotten after a quiet hour", async () => {
    await using identity = await testIdentity();
    for (let i = 0; i < 20; i++) await attempt(identity, { username: `nobody-${i}` });
    identity.clock.ahead += 3_600_000;
    for (let i = 0; i < 19; i++) expect(await attempt(identity, { username: `somebody-${i}` })).toBe(401);
  });
});

describe("a known device", () => {
  const own = { agent: "Ada's own", address: "203.0.113.9" };

  async function withStrangers() {
    const identity = await testIdentity();
    await identity.register("ada");
    expect(await attempt(identity, { ...own, secret: password })).toBe(200);
    await fail(identity, 5, { agent: "a stranger" });
    return identity;
  }

  test("logs in with the right password while the account is throttled", async () => {
    await using identity = await withStrangers();
    expect(await attempt(identity, { agent: "a stranger", secret: password })).toBe("429 after 5");
    expect(await attempt(identity, { ...own, agent: "another", secret: password })).toBe("429 after 5");
    expect(await attempt(identity, { ...own, address: "203.0.113.8", secret: password })).toBe("429 after 5");
    expect(await attempt(identity, { ...own, secret: password })).toBe(200);
  });

  test("logs in while its address is throttled", async () => {
    await using identity = await withStrangers();
    for (let i = 0; i < 20; i++) await attempt(identity, { username: `nobody-${i}`, address: own.address });
    expect(await attempt(identity, { ...own, agent: "another", username: "x-y-z" })).toBe("429 after 5");
    expect(await attempt(identity, { ...own, secret: password })).toBe(200);
  });

  test("gets the answer of unknown devices when the password is wrong, and waits from the twentieth failure on", async () => {
    await using identity = await withStrangers();
    expect(await attempt(identity, own)).toStartWith("429");
    for (let i = 1; i < 20; i++) await attempt(identity, own);
    expect(await attempt(identity, { ...own, secret: password })).toBe("429 after 5");
  });

  test("is unknown again after 30 days", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await attempt(identity, { ...own, secret: password });
    identity.clock.ahead += 30 * 86_400_000 + 1;
    await fail(identity, 5);
    expect(await attempt(identity, { ...own, secret: password })).toBe("429 after 5");
  });
});

describe("at once", () => {
  test("of sixty wrong passwords in two processes five are judged, and no other is", async () => {
    await using stored = await temporaryDatabase("identity");
    await using first = await testIdentity({ stored });
    const second = await testIdentity({ stored: { ...stored, db: await openDatabase(stored.url) } });
    await first.register("ada");
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        attempt(i % 2 ? first : second, { address: `198.51.100.${i}`, secret: i < 50 ? "wrong" : password }),
      ),
    );
    const judged = answers.filter((answer) => answer === 401);
    expect(judged.length).toBeLessThanOrEqual(5);
    expect(await first.db.query(sql`select count(*) as n from login_attempts`)).toEqual([{ n: judged.length }]);
    second.db.close();
  });

  test("a hundred wrong passwords count to five, and cause one event", async () => {
    await using stored = await temporaryDatabase("identity");
    await using first = await testIdentity({ stored });
    const second = await testIdentity({ stored: { ...stored, db: await openDatabase(stored.url) } });
    const { id } = await first.register("ada");
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => attempt(i % 2 ? first : second, { address: `198.51.100.${i}` })),
    );
    expect(answers.filter((answer) => answer === 401)).toHaveLength(5);
    const [row] = await first.db.query(sql`select failures from login_throttles where key = ${`account:${id}`}`);
    expect(row).toEqual({ failures: 5 });
    expect(await first.events("login.throttled")).toMatchObject([
      { aggregate_id: id, data: JSON.stringify({ scope: "account", user_id: id, failures: 5 }) },
    ]);
    second.db.close();
  });

  test("right passwords do not throttle one another", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => attempt(identity, { secret: password, agent: `device ${i}` })),
    );
    expect(answers).toEqual(all(200, 30));
  });
});

describe("what is stored", () => {
  test("each episode has one event, which names the user", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    await failFromEverywhere(identity, 12);
    identity.clock.ahead += 60_000;
    await failFromEverywhere(identity, 2);
    expect(await identity.events("login.throttled")).toMatchObject([
      { aggregate_id: id, actor_id: null, ip_address: "198.51.100.5" },
    ]);
    await identity.db.write([liftThrottle(id, sql`1`)]);
    await failFromEverywhere(identity, 5);
    expect(await identity.events("login.throttled")).toHaveLength(2);
  });

  test("a failed login stores the user, the address and the time, never the password or a name that nobody has", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    await attempt(identity, { agent: "curl/8", secret: "my other password" });
    await attempt(identity, { username: "hunter2-typed-as-name" });
    const rows = await identity.db.query(sql`select * from login_attempts order by time, id`);
    expect(rows).toMatchObject([
      { user_id: id, name_hash: null, kind: "password", ip_address: "192.0.2.1", device_info: "curl/8" },
      { user_id: null, name_hash: expect.stringMatching(/^[0-9a-f]{32}$/), kind: "password" },
    ]);
    const kept = JSON.stringify(
      await identity.db.queryAll([
        sql`select * from login_attempts`,
        sql`select * from login_throttles`,
        sql`select * from journal`,
      ]),
    );
    for (const secret of ["my other password", "hunter2", "hunter2-typed-as-name"]) expect(kept).not.toContain(secret);
  });

  test("is deleted in time: attempts after 30 days, counts when they are forgotten, devices when they are unknown again", async () => {
    await using identity = await testIdentity();
    await identity.person("ada");
    await fail(identity, 3);
    const counts = async () =>
      (
        await identity.db.query(sql`select (select count(*) from login_attempts) as attempts,
          (select count(*) from login_throttles) as counted, (select count(*) from known_devices) as devices`)
      )[0];
    await maintain(identity.deps);
    expect(await counts()).toEqual({ attempts: 3, counted: 3, devices: 1 });
    identity.clock.ahead += 12 * 3_600_000;
    await maintain(identity.deps);
    expect(await counts()).toEqual({ attempts: 3, counted: 0, devices: 1 });
    identity.clock.ahead += 30 * 86_400_000;
    await maintain(identity.deps);
    expect(await counts()).toEqual({ attempts: 0, counted: 0, devices: 0 });
  });
});

test("neither the work nor the answer shows whether a user has the name, throttled or not", async () => {
  let hashes = 0;
  const quick = quickPasswords();
  const passwords: Passwords = {
    ...quick,
    verify: (text, hash) => {
      hashes++;
      return quick.verify(text, hash);
    },
  };
  await using identity = await testIdentity({ passwords });
  await identity.register("ada");
  const seen = async (username: string) => {
    const work: unknown[] = [];
    for (let i = 0; i < 8; i++) {
      hashes = 0;
      let answer: string | number = 0;
      const trips = await roundTrips(identity.db, async () => {
        answer = await attempt(identity, { username, address: `198.51.100.${username.length * 10 + i}` });
      });
      work.push([answer, hashes, trips]);
    }
    return work;
  };
  const known = await seen("ada");
  expect(await seen("nobody")).toEqual(known);
  expect(known).toEqual([...Array(5).fill([401, 1, 2]), ...Array(3).fill(["429 after 5", 0, 1])]);
});

test("a password asked again is counted by itself, and the session goes on", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const again = async (secret: string) => {
    const { status } = await identity.call("POST", "/auth/reauthenticate", { token, body: { password: secret } });
    return status;
  };
  for (let i = 0; i < 5; i++) expect(await again("wrong")).toBe(403);
  expect(await again(password)).toBe(429);
  expect((await identity.call("GET", "/auth/me", { token })).status).toBe(200);
  await identity.login("ada");
  identity.clock.ahead += 5_000;
  expect([await again(password), await again("wrong"), await again("wrong")]).toEqual([200, 403, 403]);
});

test("passwords asked again in sessions block nobody at their address", async () => {
  await using identity = await testIdentity();
  for (const name of ["ada", "grace", "edith", "joan", "mary"]) {
    const { token } = await identity.person(name);
    for (let i = 0; i < 4; i++) {
      const { status } = await identity.call("POST", "/auth/reauthenticate", { token, body: { password: "wrong" } });
      expect(status).toBe(403);
    }
  }
  await identity.register("newcomer");
  expect(await attempt(identity, { username: "newcomer", secret: password })).toBe(200);
});

test("of many passwords asked again at once, none is judged after the fifth wrong one, not even a right one", async () => {
  const passwords = quickPasswords();
  const [reached, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using identity = await testIdentity({
    passwords: {
      ...passwords,
      verify: async (text, hash) => {
        if (text === held) {
          reached.resolve();
          await answered.promise;
        }
        return passwords.verify(text === held ? password : text, hash);
      },
    },
  });
  const held = "the right one, which is hashed last";
  const { token } = await identity.person("ada");
  const again = async (secret: string) =>
    (await identity.call("POST", "/auth/reauthenticate", { token, body: { password: secret } })).status;
  const last = again(held);
  await reached.promise;
  expect(await Promise.all(Array.from({ length: 5 }, () => again("wrong")))).toEqual(Array(5).fill(403));
  answered.resolve();
  expect(await last).toBe(429);
});

test("a wrong password asked again while the fifth one blocks the user is not counted, and is answered with the wait", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const again = (secret: string) =>
    identity.call("POST", "/auth/reauthenticate", { token, body: { password: secret } });
  for (let i = 0; i < 4; i++) expect((await again("wrong")).status).toBe(403);
  meanwhile(identity.db, () => again("wrong"));
  const late = await again("wrong");
  expect([late.status, late.body.error_code]).toEqual([429, "login_throttled"]);
  expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
  identity.clock.ahead += Number(late.headers.get("retry-after")) * 1_000;
  expect((await again(password)).status).toBe(200);
});
