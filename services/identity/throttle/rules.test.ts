import { expect, test } from "bun:test";
import { computed, raw, select, sql } from "@stoa/db";
import fc from "fast-check";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { blockedUntil, rules, waitAfter } from "./rules.ts";
import type { ThrottleScope } from "./table.ts";

const scopes: readonly ThrottleScope[] = ["account", "address", "device", "proof", "code"];

test("the database computes the wait of the rule after any number of failures", async () => {
  await using identity = await testIdentity();
  const time = "2026-11-20T09:00:00.000Z";
  for (const scope of scopes) {
    for (const failures of [1, 4, 5, 6, 12, 13, 19, 20, 27, 28, 40, 1_000, 1_000_000]) {
      const until = blockedUntil(scope, sql`${failures}`, time);
      const [row] = await identity.db.query(select({ until: computed<string | null>(until) }, raw("")));
      const wait = row?.until ? (Date.parse(row.until) - Date.parse(time)) / 1_000 : 0;
      expect([scope, failures, wait]).toEqual([scope, failures, waitAfter(scope, failures)]);
    }
  }
});

test("there is no wait below the limit, none over 15 minutes, none shorter than the one before, and none longer than its count is kept", () => {
  fc.assert(
    fc.property(fc.constantFrom(...scopes), fc.nat({ max: 5_000 }), (scope, failures) => {
      const wait = waitAfter(scope, failures);
      expect(wait > 0).toBe(failures >= rules[scope].from);
      expect(wait).toBeLessThanOrEqual(900);
      expect(waitAfter(scope, failures + 1)).toBeGreaterThanOrEqual(wait);
      expect(wait).toBeLessThan(rules[scope].quiet);
    }),
  );
});

/** What the rules say, kept by hand: a count and a time for each thing that is counted. */
class Model {
  readonly #counts = new Map<string, { failures: number; last: number; until: number }>();

  blocked(scope: ThrottleScope, name: string, now: number): boolean {
    return (this.#counts.get(`${scope} ${name}`)?.until ?? 0) > now;
  }

  fail(scope: ThrottleScope, name: string, now: number): void {
    const before = this.#counts.get(`${scope} ${name}`);
    const quiet = rules[scope].quiet * 1_000;
    const failures = before && now - before.last < quiet ? before.failures + 1 : 1;
    const wait = waitAfter(scope, failures);
    this.#counts.set(`${scope} ${name}`, { failures, last: now, until: wait === 0 ? 0 : now + wait * 1_000 });
  }

  forget(scope: ThrottleScope, name: string): void {
    this.#counts.delete(`${scope} ${name}`);
  }
}

interface Step {
  readonly right: boolean;
  readonly device: number;
  readonly wait: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  right: fc.boolean().chain((coin) => (coin ? fc.boolean() : fc.constant(false))),
  device: fc.nat({ max: 2 }),
  wait: fc.constantFrom(0, 0, 0, 0, 0, 1_000, 5_000, 30_000, 900_000, 3_600_000, 43_200_000),
});

async function login(identity: TestIdentity, { right, device }: Step): Promise<number> {
  const { status } = await identity.call("POST", "/auth/login", {
    body: { username: "ada", password: right ? password : "wrong" },
    headers: { "user-agent": `device ${device}`, "x-test-address": `192.0.2.${device % 2}` },
  });
  return status;
}

test("any sequence of right and wrong logins, from known and unknown devices, is answered as the rules say", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 45 }), async (steps) => {
      await using identity = await testIdentity();
      await identity.register("ada");
      const model = new Model();
      const known = new Set<number>();
      // The clock moves only with the steps; otherwise a wait could end between the two.
      const start = Date.now();
      let elapsed = 0;
      identity.freeze(start);
      for (const one of steps) {
        elapsed += one.wait;
        identity.freeze(start + elapsed);
        const [now, address, device] = [start + elapsed, String(one.device % 2), String(one.device)];
        const strangers = model.blocked("account", "ada", now) || model.blocked("address", address, now);
        const judged = known.has(one.device) ? !model.blocked("device", device, now) : !strangers;
        let expected = 429;
        if (judged && one.right) {
          expected = 200;
          model.forget("account", "ada");
          model.forget("device", device);
          known.add(one.device);
        } else if (judged) {
          expected = strangers ? 429 : 401;
          for (const [scope, name] of [
            ["account", "ada"],
            ["address", address],
          ] as const)
            model.fail(scope, name, now);
          if (known.has(one.device)) model.fail("device", device, now);
        }
        expect(await login(identity, one)).toBe(expected);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
