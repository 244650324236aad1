import { expect, test } from "bun:test";
import { getTableConfig } from "drizzle-orm/sqlite-core";
import { happened } from "./append.ts";
import { claimKey, idempotency } from "./idempotency.ts";

const key = { user_id: "u1", method: "POST", path: "/api/v1/tasks", key: "k" };

test("a key is unique for a user, a method and a path, and old keys have an index by time", () => {
  const indexes = getTableConfig(idempotency).indexes.map(({ config }) => ({
    name: config.name,
    unique: config.unique,
    columns: config.columns.map((column) => ("name" in column ? column.name : "")),
  }));
  expect(indexes).toEqual([
    { name: "idempotency_key", unique: true, columns: ["user_id", "method", "path", "key"] },
    { name: "idempotency_created_at", unique: false, columns: ["created_at"] },
  ]);
});

test("a claim writes nothing unless the command's event happened", () => {
  const claim = claimKey(key, "hash", new Date("2026-11-20T09:00:00.000Z"));
  const [statement] = claim("t1").effects?.(happened("e1"), "e1") ?? [];
  expect(statement?.sql).toEndWith("where exists (select 1 from journal where event_id = ?)");
  expect(statement?.args).toEqual(["u1", "POST", "/api/v1/tasks", "k", "hash", "t1", "2026-11-20T09:00:00.000Z", "e1"]);
});
