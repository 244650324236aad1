import { expect, test } from "bun:test";
import { type Config, loadConfig } from "@stoa/config";
import { openDatabase } from "@stoa/db";
import { startSqld } from "@stoa/testing";
import { DurabilityError, databaseHealth, requireDurable } from "./database.ts";

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
