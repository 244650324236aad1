import { describe, expect, test } from "bun:test";
import { type Database, insertRow, newId, PURGED_AT_ONCE, type Purge, purge, raw, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import * as identity from "@stoa/identity/purges";
import * as messaging from "@stoa/messaging/purges";
import * as projects from "@stoa/projects/purges";
import { intercepted, rowsOf, temporaryDatabase } from "@stoa/testing";
import { getTableName, type Table } from "drizzle-orm";

const registry = { identity, projects, messaging };

const now = new Date("2026-11-28T09:00:00.000Z");
const [past, future] = ["2020-01-01T00:00:00.000Z", "2030-01-01T00:00:00.000Z"];

/** The tables of a database, without what SQLite and the full-text index make for themselves. */
async function tablesOf(db: Database): Promise<string[]> {
  const rows = await rowsOf<{ name: string; sql: string }>(
    db,
    sql`select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> 'migrations'`,
  );
  const virtual = rows.filter((row) => /^create virtual table/i.test(row.sql)).map(({ name }) => name);
  return rows.map(({ name }) => name).filter((name) => !virtual.some((index) => name.startsWith(`${index}_`)));
}

describe.each([...services])("every table of %s", (service) => {
  const { purges, kept } = registry[service];
  const purged = purges.map(({ table }) => getTableName(table));

  test("is purged by one purge, or is kept for a reason", async () => {
    await using stored = await temporaryDatabase(service);
    expect([...purged, ...Object.keys(kept)].sort()).toEqual((await tablesOf(stored.db)).sort());
  });

  test.each(purged.map((name, index) => [name, purges[index] as Purge] as const))(
    "%s loses what is past its time, all of it and nothing else, found by an index",
    async (name, each) => {
      await using stored = await temporaryDatabase(service);
      const add = await adder(service, stored.db, each.table);
      const count = 2 * PURGED_AT_ONCE + 5;
      await add(count, past);
      await add(3, future);
      const writes: number[] = [];
      const db = intercepted(stored.db, {
        written: (_, results) => writes.push(...results.map(({ changes }) => changes)),
      });
      await purge(db, [each], now);
      expect(writes).toEqual([PURGED_AT_ONCE, PURGED_AT_ONCE, 5]);
      expect(await rowsOf<{ n: number }>(stored.db, sql`select count(*) as n from ${each.table}`)).toEqual([{ n: 3 }]);
      const plan = await rowsOf<{ detail: string }>(
        stored.db,
        sql`explain query plan select rowid from ${each.table} where ${each.past(now)} limit 1000`,
      );
      expect(plan.map(({ detail }) => detail).join()).toContain(`SEARCH ${name} USING`);
    },
  );
});

/** A row of each purged table, whose end is a given time. */
const rows: Readonly<Record<string, (n: number, time: string) => Record<string, unknown>>> = {
  idempotency: (n, time) => ({
    user_id: "ada",
    method: "POST",
    path: "/api/v1/tasks",
    key: `${time} ${n}`,
    body_hash: "hash",
    resource_id: newId(),
    created_at: time,
  }),
  tombstones: (_, time) => ({ task_id: newId(), scope_id: "tower", version: 2, deleted_at: time }),
  access_changes: (_, time) => ({ user_id: newId(), project_id: "tower", lost_at: time, changed_at: time }),
  sessions: (_, time) => ({
    id: newId(),
    user_id: "ada",
    auth_time: 1,
    method: "password",
    created_at: past,
    last_seen_at: past,
    expires_at: future,
    ended_at: time,
    end_reason: "logout",
  }),
  mails: (_, time) => ({
    id: newId(),
    kind: "password_reset",
    status: "sent",
    recipient: "ada@example.com",
    next_at: past,
    expires_at: past,
    created_at: past,
    ended_at: time,
  }),
  tickets: (_, time) => ({
    id: newId(),
    purpose: "password_reset",
    hash: newId(),
    email: "ada@example.com",
    created_at: past,
    expires_at: time,
  }),
  login_attempts: (_, time) => ({ id: newId(), kind: "password", time }),
  login_throttles: (_, time) => ({ key: newId(), scope: "account", failures: 1, failed_at: past, forgotten_at: time }),
  former_usernames: (_, time) => ({ username: newId(), user_id: "ada", free_at: time }),
  known_devices: (_, time) => ({ user_id: "ada", device_hash: newId(), last_login_at: time }),
  mfa_challenges: (_, time) => ({
    token_hash: newId(),
    user_id: "ada",
    method: "password",
    created_at: past,
    expires_at: time,
  }),
  invitations: (_, time) => ({
    id: newId(),
    organization_id: "tower",
    email: "ada@example.com",
    email_key: "ada@example.com",
    role: "member",
    status: "pending",
    token_hash: newId(),
    invited_by: "ada",
    expires_at: time,
    created_at: past,
  }),
  webhook_deliveries: (_, time) => ({
    id: newId(),
    webhook_id: "hook",
    event_id: newId(),
    type: "task.created",
    status: "delivered",
    created_at: time,
  }),
  answers: (_, time) => ({
    question_id: newId(),
    assistant_id: "helper",
    conversation_id: "group",
    asker_id: "ada",
    depth: 0,
    asked_at: past,
    reserved: 0,
    ended_at: time,
  }),
  assistant_spending: (_, time) => ({ user_id: newId(), day: time.slice(0, 10), tokens: 1 }),
  mail_digests: (_, time) => ({ user_id: "ada", topic_id: newId(), day: "2026-11-20", created_at: time }),
  used_tickets: (_, time) => ({ ticket_id: newId(), expires_at: time }),
};

/** Adds rows to a table, and what its rows refer to. */
async function adder(service: ServiceName, db: Database, table: Table) {
  if (service === "identity") {
    await db.write([
      raw(`insert into users (id, username, created_at, updated_at) values ('ada', 'ada', '${past}', '${past}')`),
      raw(`insert into organizations (id, name, slug, created_at, updated_at)
        values ('tower', 'Tower', 'tower', '${past}', '${past}')`),
    ]);
  }
  if (service === "projects") {
    await db.write([
      raw(`insert into webhooks (id, scope_id, url, events, secret, since_seq, creator_id, created_at)
        values ('hook', 'apollo', 'https://example.com/', '[]', '', 0, 'ada', '${past}')`),
    ]);
  }
  if (service === "messaging") {
    await db.write([
      raw(
        `insert into conversations (id, type, created_at, updated_at) values ('group', 'group', '${past}', '${past}')`,
      ),
      raw(`insert into assistants (id, conversation_id, name, name_key, model, "trigger", creator_id, created_at)
        values ('helper', 'group', 'helper', 'helper', 'm', 'mention', 'ada', '${past}')`),
    ]);
  }
  const rowOf = rows[getTableName(table)];
  if (!rowOf) throw new Error(`There is no example of a row of ${getTableName(table)}.`);
  return async (count: number, time: string) => {
    const statements = Array.from({ length: count }, (_, n) => insertRow(table, rowOf(n, time), sql`1`));
    await db.write(statements);
  };
}
