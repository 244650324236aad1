import { expect, test } from "bun:test";
import { type Config, loadConfig } from "@stoa/config";
import { openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { createService } from "@stoa/http";
import type { HealthReason } from "@stoa/http/deps";
import { eventually, holdWriteLock, httpDeps, send, silent, startSqld, temporaryDatabase } from "@stoa/testing";
import {
  DurabilityError,
  databaseHealth,
  openServiceDatabase,
  requireDurable,
  requireSchema,
  SchemaError,
} from "./database.ts";

const config = (more: Partial<Config>): Config => ({
  ...loadConfig({ SECRET_KEY: "a key that is long enough for every check" }, "standalone"),
  ...more,
});

test("in production a server that does not flush its commits is refused, at the start and by health", async () => {
  await using sqld = await startSqld({ durable: false });
  const db = await openDatabase(sqld.url);
  const production = config({ environment: "production" });
  await expect(requireDurable(production, "projects", db)).rejects.toBeInstanceOf(DurabilityError);
  const health = databaseHealth(production, "projects", db);
  await expect(health.database()).rejects.toBeInstanceOf(DurabilityError);
  expect(health.faults()).toEqual([
    { part: "database", reason: expect.stringContaining("does not flush its commits") },
  ]);
  for (const accepted of [
    config({ environment: "test" }),
    config({ environment: "production", database_durability: "hosted" }),
  ]) {
    await requireDurable(accepted, "projects", db);
    await databaseHealth(accepted, "projects", db).database();
  }
  db.close();
});

test("one that flushes them is accepted, also after it was killed and started again", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url);
  const production = config({ environment: "production" });
  await requireDurable(production, "projects", db);
  await sqld.kill9();
  await sqld.start();
  await requireDurable(production, "projects", db);
  const health = databaseHealth(production, "projects", db);
  await health.database();
  expect(health.faults()).toEqual([]);
  db.close();
});

test("health says that writes do not come back, although nobody writes and reads are answered; and when they do again", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url, { timeoutMs: 1_000 });
  const health = databaseHealth(config({}), "projects", db);
  const reasons = async () => {
    await health.database();
    return health.faults().map(({ part, reason }) => `${part}: ${reason}`);
  };
  expect(await reasons()).toEqual([]);
  // sqld takes the lock from each of them after five seconds, since others wait.
  const held = Promise.all(Array.from({ length: 3 }, () => holdWriteLock(sqld.url)));
  await eventually(async () => (await reasons()).length > 0);
  expect(await reasons()).toEqual([expect.stringMatching(/^database: No write has come back .* answers reads/)]);
  for (const lock of await held) await lock[Symbol.asyncDispose]();
  await eventually(async () => (await reasons()).length === 0);
  db.close();
}, 90_000);

test("an sqld that hangs makes readiness unavailable with a reason, and ok again once it goes on", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url, { timeoutMs: 500 });
  await migrate(db, readMigrations("projects"));
  const http = httpDeps({ service: "projects", ...databaseHealth(config({}), "projects", db) });
  const app = createService(http, []);
  const ask = async (path: string) => {
    const { status, body } = await send<{ status: string; reasons?: HealthReason[] }>(app, "GET", path);
    return { code: status, status: body.status, parts: body.reasons?.map(({ part }) => part) };
  };
  expect(await ask("/health/ready")).toEqual({ code: 200, status: "ok", parts: undefined });
  await sqld.freeze();
  for (const path of ["/health/ready", "/health"]) {
    expect(await ask(path)).toEqual({ code: 503, status: "unavailable", parts: ["database"] });
  }
  expect(await ask("/health/db")).toEqual({ code: 503, status: "unavailable", parts: undefined });
  sqld.signal("SIGCONT");
  await eventually(async () => (await ask("/health/ready")).status === "ok");
  db.close();
}, 30_000);

test("at LOG_LEVEL=trace the SQL of a service is logged without its values, otherwise none", async () => {
  await using stored = await temporaryDatabase("projects");
  const settings = config({});
  const databases = { ...settings.databases, projects: { url: stored.url, auth_token: "t" } };
  const logged: object[] = [];
  const log = { ...silent, debug: (fields: object) => void logged.push(fields) };
  const query = async (log_level: Config["log_level"]) => {
    const db = await openServiceDatabase({ ...settings, databases, log_level }, "projects", log);
    await db.query(sql`select ${"a secret"} as said`);
    db.close();
  };
  await query("debug");
  expect(logged).toEqual([]);
  await query("trace");
  expect(logged).toContainEqual({ service: "projects", sql: expect.stringMatching(/^select \?\d* as said$/) });
  expect(JSON.stringify(logged)).not.toContain("a secret");
});

test("a start waits for a database that does not answer yet, and refuses one that is not migrated", async () => {
  await using sqld = await startSqld();
  const db = await openDatabase(sqld.url);
  const health = databaseHealth(config({}), "projects", db);
  await expect(requireSchema("projects", db, silent)).rejects.toBeInstanceOf(SchemaError);
  expect(await health.schema_current()).toBe(false);
  await migrate(db, readMigrations("projects"));
  await sqld.kill9();
  const warned: string[] = [];
  const log = { ...silent, warn: (_: object, message: string) => void warned.push(message) };
  const required = requireSchema("projects", db, log);
  await eventually(() => warned.length > 0);
  await sqld.start();
  await required;
  expect(await health.schema_current()).toBe(true);
  expect(warned).toEqual(["The database does not answer yet."]);
  db.close();
});
