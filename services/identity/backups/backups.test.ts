import { expect, test } from "bun:test";
import { StoaError } from "@stoa/errors";
import { testIdentity } from "../test/harness.ts";
import type { Backups } from "./backups.ts";
import { type Backup, exampleBackup } from "./schema.ts";

/** Backups in memory; three exist. */
function inMemory() {
  const numbered = (n: number): Backup => ({
    ...exampleBackup,
    id: `019aa0f0-92a3-7ec4-b3a4-00000000000${n}`,
    created_at: `2026-11-2${n}T03:00:00.000Z`,
  });
  const stored = [numbered(3), numbered(2), numbered(1)];
  const backups: Backups = {
    take: async () => {
      stored.unshift(numbered(stored.length + 1));
      return stored[0] ?? exampleBackup;
    },
    list: () => stored,
  };
  return { backups, stored };
}

test("a superuser makes a backup, and finds it at its address and in the list", async () => {
  const { backups, stored } = inMemory();
  await using identity = await testIdentity({ backups });
  const token = await identity.superuser();
  const made = await identity.call<Backup>("POST", "/admin/backups", { token });
  expect([made.status, made.headers.get("location")]).toEqual([201, `/api/v1/admin/backups/${stored[0]?.id}`]);
  expect(made.body).toEqual(stored[0] as Backup);
  const read = await identity.call<Backup>("GET", `/admin/backups/${made.body.id}`, { token });
  expect([read.status, read.body]).toEqual([200, made.body]);
  expect((await identity.call("GET", "/admin/backups/nothing", { token })).status).toBe(404);
  const list = await identity.call<{ items: Backup[] }>("GET", "/admin/backups", { token });
  expect(list.body.items).toEqual(stored);
});

test("the same Idempotency-Key makes one backup, however often it is sent", async () => {
  const { backups, stored } = inMemory();
  await using identity = await testIdentity({ backups });
  const token = await identity.superuser();
  const headers = { "idempotency-key": "nightly-1" };
  const post = () => identity.call<Backup>("POST", "/admin/backups", { token, headers });
  const [first, again] = [await post(), await post()];
  expect([first.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([201, 201, "true"]);
  expect(again.body).toEqual(first.body);
  expect(stored).toHaveLength(4);
});

test("the list has pages, newest first, like every list", async () => {
  const { backups, stored } = inMemory();
  await using identity = await testIdentity({ backups });
  const token = await identity.superuser();
  const get = async (query: string) =>
    (
      await identity.call<{ items: Backup[]; next_cursor: string | null; total: number }>(
        "GET",
        `/admin/backups?${query}`,
        { token },
      )
    ).body;
  const first = await get("limit=2&count=true");
  expect(first).toMatchObject({ items: stored.slice(0, 2), total: 3 });
  expect(await get(`limit=2&cursor=${first.next_cursor}`)).toMatchObject({
    items: stored.slice(2),
    next_cursor: null,
  });
  expect((await get("skip=1&limit=1")).items).toEqual(stored.slice(1, 2));
  expect(await get("cursor=forged")).toMatchObject({ error_code: "invalid_cursor" });
});

test("a backup that cannot be made is 503 with Retry-After; without files all answer 501; others may not ask", async () => {
  const failing: Backups = {
    take: async () => {
      throw new StoaError("unavailable");
    },
    list: () => [],
  };
  await using identity = await testIdentity({ backups: failing });
  const token = await identity.superuser();
  const refused = await identity.call("POST", "/admin/backups", { token });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await identity.call("POST", "/admin/backups")).status).toBe(401);
  const { token: stranger } = await identity.person("ada");
  expect((await identity.call("POST", "/admin/backups", { token: stranger })).status).toBe(403);

  await using served = await testIdentity();
  const root = await served.superuser();
  for (const [method, path] of [
    ["GET", "/admin/backups"],
    ["POST", "/admin/backups"],
    ["GET", `/admin/backups/${exampleBackup.id}`],
  ] as const) {
    const { status, body } = await served.call(method, path, { token: root });
    expect([status, body.error_code]).toEqual([501, "not_implemented"]);
  }
});
