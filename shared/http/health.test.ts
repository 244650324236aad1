import { describe, expect, test } from "bun:test";
import { DatabaseAway } from "./deps.ts";
import { harness } from "./test/harness.ts";

const away = () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7"));

describe("health", () => {
  test("all is well", async () => {
    const { call } = harness(() => []);
    for (const path of ["/health/live", "/health/ready", "/health/db"]) {
      const answer = await call("GET", path);
      expect([answer.status, answer.json]).toEqual([200, { status: "ok" }]);
    }
    const answer = await call("GET", "/health");
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        status: "ok",
        version: "1.2.3",
        environment: "test",
        database: "ok",
        events: { transport: "in-process", lag: 0 },
        timestamp: "2026-11-20T09:00:00.000Z",
      },
    ]);
  });

  test("with the database away the process lives and is not ready", async () => {
    const { call, lines } = harness(() => [], { database: away });
    expect((await call("GET", "/health/live")).status).toBe(200);
    const db = await call("GET", "/health/db");
    expect([db.status, db.json]).toEqual([503, { status: "unavailable" }]);
    const reasons = [{ part: "database", reason: expect.stringContaining("The database does not answer.") }];
    const ready = await call("GET", "/health/ready");
    expect([ready.status, ready.json]).toEqual([503, { status: "unavailable", reasons }]);
    const answer = await call("GET", "/health");
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ status: "unavailable", reasons, database: "unavailable" });
    expect(answer.text).not.toContain("ECONNREFUSED");
    expect(lines.filter(({ level }) => level === "warn")).not.toBeEmpty();
  });

  test("with another schema it is not ready", async () => {
    const other = await harness(() => [], { schema_current: () => false }).call("GET", "/health/ready");
    const reason = expect.stringContaining("The database has another schema than this version needs");
    expect([other.status, other.json]).toEqual([
      503,
      { status: "unavailable", reasons: [{ part: "database", reason }] },
    ]);
    expect(
      (
        await harness(() => [], { schema_current: () => Promise.reject(new Error("no table")) }).call(
          "GET",
          "/health/ready",
        )
      ).status,
    ).toBe(503);
    expect((await harness(() => [], { schema_current: async () => false }).call("GET", "/health/db")).status).toBe(200);
  });

  test("what is known to be wrong stands in place of what was found, and the database of several is named", async () => {
    const faults = () => [{ part: "database", reason: "The file was replaced." }];
    const known = await harness(() => [], { database: away, faults }).call("GET", "/health/ready");
    expect(known.json).toEqual({ status: "unavailable", reasons: faults() });
    const database = () => Promise.reject(new DatabaseAway("projects: database", new Error("ECONNREFUSED")));
    const one = await harness(() => [], { database }).call("GET", "/health");
    expect(one.json.reasons[0].part).toBe("projects: database");
  });

  test("with events away it is degraded and ready", async () => {
    const reasons = [{ part: "events", reason: "NATS cannot be reached." }];
    const { call } = harness(() => [], { events: () => ({ transport: "nats", lag: null, reasons }) });
    const ready = await call("GET", "/health/ready");
    expect([ready.status, ready.json]).toEqual([200, { status: "degraded", reasons }]);
    expect((await call("GET", "/health")).json).toMatchObject({
      status: "degraded",
      reasons,
      events: { transport: "nats", lag: null },
    });
  });

  test("no token is looked at, not even a bad one", async () => {
    expect((await harness(() => []).call("GET", "/health", { as: "nonsense" })).status).toBe(200);
  });
});
