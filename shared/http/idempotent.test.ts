import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, newId, openDatabase, purge, raw, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { system } from "@stoa/events";
import { type Claim, command, keyPurge, type Part } from "@stoa/journal";
import { atEveryStep, rowsOf } from "@stoa/testing";
import { fingerprint } from "./canonical-json.ts";
import { type IdempotentRequest, idempotent } from "./idempotent.ts";

let db: Database;
let folder: string;
let clock = new Date("2026-11-20T09:00:00.000Z");
const now = () => clock;
const cursor_key = new Uint8Array(32).fill(7);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stoa-idempotent-"));
  db = await openDatabase(`file:${join(folder, "idempotent.db")}`);
  await db.write([
    sql`create table journal (seq integer primary key, event_id text not null unique, type text, aggregate_id text,
      entity_id text, organization_id text, actor_id text, session_id text, request_id text, traceparent text,
      ip_address text, device_info text, time text, data text, redacted_at text)`,
    sql`create table guard (rule text not null, constraint known_event check (rule <> 'known_event'))`,
    sql`create table idempotency (user_id text not null, method text not null, path text not null, key text not null,
      body_hash text not null, resource_id text not null, created_at text not null)`,
    sql`create unique index idempotency_key on idempotency (user_id, method, path, key)`,
    sql`create table things (id text primary key, title text not null unique)`,
  ]);
});

beforeEach(async () => {
  clock = new Date("2026-11-20T09:00:00.000Z");
  await db.write(["idempotency", "things", "journal"].map((table) => raw(`delete from ${table}`)));
});

afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

interface Thing {
  id: string;
  title: string;
}

/** A create as services write it; without `useGuard` only the unique index refuses a claimed key. */
async function createThing(title: string, claim: Claim, useGuard = true, on = db): Promise<Thing | undefined> {
  if (title === "bad") throw new StoaError("forbidden");
  const id = newId();
  const { guard, effects } = claim(id);
  const added: Part = {
    effects: (happened) => [sql`insert into things (id, title) select ${id}, ${title} where ${happened}`],
  };
  const rows = await command(
    on,
    system,
    { type: "user.updated", aggregate_id: id, time: now().toISOString(), data: {} as never },
    [added, { ...(effects && { effects }), ...(useGuard && guard && { guard }) }],
  );
  return rows && { id, title };
}

async function readThing(id: string): Promise<Thing> {
  const [row] = await rowsOf<Thing>(db, sql`select id, title from things where id = ${id}`);
  if (!row) throw new StoaError("not_found");
  return row;
}

const countThings = async () => (await db.query(sql`select 1 from things`)).length;

interface More {
  principal?: IdempotentRequest["principal"];
  method?: string;
  path?: string;
  body?: unknown;
}

function request(title: string, key?: string, { method = "POST", path = "/api/v1/things", ...more }: More = {}) {
  const headers = new Headers(key === undefined ? {} : { "idempotency-key": key });
  return {
    principal: { user_id: "u1" },
    request: { method, url: `http://stoa.test${path}`, headers },
    body: { title },
    set: { headers: {} as Record<string, string> },
    ...more,
  };
}

function post(context: ReturnType<typeof request>, useGuard = true, on = db): Promise<Thing> {
  return idempotent(
    { db: on, now, cursor_key },
    context,
    (claim) => createThing((context.body as { title: string }).title, claim, useGuard, on),
    readThing,
  );
}

describe("a create with a key", () => {
  test("is done once and its resource replayed, said in a header", async () => {
    const first = request("A", "k");
    const second = request("A", "k");
    const thing = await post(first);
    expect(await post(second)).toEqual(thing);
    expect(first.set.headers).toEqual({});
    expect(second.set.headers).toEqual({ "idempotent-replayed": "true" });
    expect(await countThings()).toBe(1);
  });

  test("is the same request whatever the order of its members and a trailing slash", async () => {
    const thing = await post(request("A", "k", { body: { title: "A", note: 1 } }));
    expect(await post(request("A", "k", { body: { note: 1, title: "A" }, path: "/api/v1/things/" }))).toEqual(thing);
  });

  test("is the same request whatever the case of an id in its path, the query, and how the path is written", async () => {
    const path = "/api/v1/things/018F4E3C-0000-7000-8000-0000000000AB/parts";
    const thing = await post(request("A", "k", { path }));
    for (const same of [
      path.toLowerCase(),
      `${path}?view=full`,
      `${path}#top`,
      `/api/v1/./things/../${path.slice(8)}`,
    ]) {
      expect(await post(request("A", "k", { path: same }))).toEqual(thing);
    }
    expect((await post(request("B", "k", { path: path.replaceAll("A", "B") }))).id).not.toBe(thing.id);
  });

  test("is refused with another body", async () => {
    await post(request("A", "k"));
    await expect(post(request("B", "k"))).rejects.toMatchObject({ code: "idempotency_key_reused", status: 422 });
    expect(await countThings()).toBe(1);
  });

  test.each([true, false])("is done once when the same comes before any of its steps (guard: %p)", async (useGuard) => {
    for (const daysBefore of [undefined, 2]) {
      await atEveryStep(async (overtaken, step) => {
        await db.write(["idempotency", "things", "journal"].map((table) => raw(`delete from ${table}`)));
        if (daysBefore !== undefined) {
          // What the key made then is forgotten by now.
          clock = new Date(clock.getTime() - daysBefore * 86_400_000);
          await post(request("Before", "k"));
          clock = new Date(clock.getTime() + daysBefore * 86_400_000);
        }
        const made: Thing[] = [];
        const other = async () => made.push(await post(request("A", "k"), useGuard));
        made.push(await post(request("A", "k"), useGuard, overtaken(db, other)));
        if (made.length === 1) await other();
        expect([step, made[1]]).toEqual([step, made[0]]);
        expect([step, await countThings()]).toEqual([step, daysBefore === undefined ? 1 : 2]);
      });
    }
  });

  test.each([true, false])("is done once by many at the same time (guard: %p)", async (useGuard) => {
    const contexts = Array.from({ length: 20 }, () => request("A", "k"));
    const things = await Promise.all(contexts.map((context) => post(context, useGuard)));
    expect(new Set(things.map(({ id }) => id)).size).toBe(1);
    expect(contexts.filter(({ set }) => set.headers["idempotent-replayed"] === "true")).toHaveLength(19);
    expect(await countThings()).toBe(1);
    expect(await db.query(sql`select 1 from journal`)).toHaveLength(1);
  });

  test("at the same time with another body: one is done, the other refused", async () => {
    const results = await Promise.allSettled([post(request("A", "k")), post(request("B", "k"))]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "idempotency_key_reused" });
    expect(await countThings()).toBe(1);
  });

  test("does not use the key up when it fails", async () => {
    await expect(post(request("bad", "k"))).rejects.toMatchObject({ code: "forbidden" });
    expect(await post(request("good", "k"))).toMatchObject({ title: "good" });
  });

  test("that fails by itself keeps its own error", async () => {
    await post(request("A"));
    await expect(post(request("A", "k"))).rejects.toMatchObject({ constraint: "things.title" });
  });

  test("belongs to a user, a method and a path", async () => {
    const ids = new Set<string>();
    ids.add((await post(request("A", "k"))).id);
    ids.add((await post(request("B", "k", { principal: { user_id: "u2" } }))).id);
    ids.add((await post(request("C", "k", { path: "/api/v1/others" }))).id);
    ids.add((await post(request("D", "k", { method: "PUT" }))).id);
    expect(ids.size).toBe(4);
  });

  test("is remembered 24 hours, not longer", async () => {
    const thing = await post(request("A", "k"));
    clock = new Date("2026-11-21T08:59:59.999Z");
    expect(await post(request("A", "k"))).toEqual(thing);
    clock = new Date("2026-11-21T09:00:00.000Z");
    expect(await post(request("B", "k"))).toMatchObject({ title: "B" });
    await expect(post(request("A", "k"))).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("tells when what it made is gone", async () => {
    const thing = await post(request("A", "k"));
    await db.write([sql`delete from things where id = ${thing.id}`]);
    await expect(post(request("A", "k"))).rejects.toMatchObject({ code: "not_found" });
  });
});

test("without a key every create is its own", async () => {
  await post(request("A"));
  await post(request("B"));
  expect(await countThings()).toBe(2);
  expect(await db.query(sql`select 1 from idempotency`)).toHaveLength(0);
});

test("an anonymous request's key is ignored, even one that is none", async () => {
  await post(request("A", "k", { principal: null }));
  await post(request("B", "\u00e4", { principal: null }));
  expect(await countThings()).toBe(2);
});

test.each(["", "x".repeat(256), "\u00e4", "a\tb"])("a key that is %p is refused", async (key) => {
  await expect(post(request("A", key))).rejects.toMatchObject({
    code: "validation_failed",
    errors: [{ path: "/headers/idempotency-key" }],
  });
});

test("a key of 255 printable characters is fine", async () => {
  expect(await post(request("A", `~ ${"x".repeat(253)}`))).toMatchObject({ title: "A" });
});

test("the purge forgets old keys alone", async () => {
  await post(request("A", "old"));
  clock = new Date("2026-11-21T08:00:00.000Z");
  await post(request("B", "new"));
  await purge(db, [keyPurge], new Date("2026-11-21T09:30:00.000Z"));
  expect(await rowsOf<{ key: string }>(db, sql`select key from idempotency`)).toEqual([{ key: "new" }]);
});

test("the body is kept as an HMAC, so that nobody with the database guesses a password in it", async () => {
  const body = { title: "a password of few guesses" };
  await post(request(body.title, "hmac"));
  const [row] = await db.query(sql`select body_hash from idempotency where key = 'hmac'`);
  expect(row?.["body_hash"]).toMatch(/^[0-9a-f]{64}$/);
  expect(row?.["body_hash"]).not.toBe(fingerprint(body));
  // One that an earlier version kept is taken for the rest of its day.
  await db.write([sql`update idempotency set body_hash = ${fingerprint(body)} where key = 'hmac'`]);
  const again = request(body.title, "hmac");
  await post(again);
  expect(again.set.headers["idempotent-replayed"]).toBe("true");
});
