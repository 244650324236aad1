import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { insertRow, newId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { strict } from "@stoa/http/strict";
import { append } from "@stoa/journal";
import type { AuditEntry } from "../audit/schema.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { loginAttempts } from "../throttle/table.ts";
import type { User } from "../users/schema.ts";
import { UserExport } from "./schema.ts";

interface Trail {
  readonly items: readonly AuditEntry[];
  readonly next_cursor: string | null;
  readonly total?: number;
  readonly error_code?: string;
}

const trail = async (identity: TestIdentity, token: string | undefined, query = "") =>
  identity.call<Trail>("GET", `/auth/me/audit?${query}`, { token });

const types = ({ body }: { body: Trail }) => body.items.map(({ type }) => type);

describe("GET /auth/me/audit", () => {
  test("is what the user did and what was done to them, newest first, with failed logins", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    await identity.person("grace");
    await identity.call("POST", "/auth/login", { body: { username: "ada", password: "not this one" } });
    await identity.call("PATCH", "/auth/me", { token, body: { bio: "Engines" } });
    const answer = await trail(identity, token, "count=true");
    expect(answer.status).toBe(200);
    expect(types(answer)).toEqual(["user.updated", "login.failed", "session.started", "user.registered"]);
    expect(answer.body.total).toBe(4);
    const [updated, failed] = answer.body.items;
    expect(updated).toMatchObject({
      actor_id: user.id,
      subject_id: user.id,
      organization_id: null,
      ip_address: "192.0.2.1",
      data: { user_id: user.id },
    });
    expect(failed).toMatchObject({ actor_id: null, subject_id: user.id, data: { kind: "password" } });
  });

  test("says that a superuser acted, not from where", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const admin = await identity.superuser();
    const { user_id: root } = await identity.verify(admin);
    await identity.call("PUT", `/auth/users/${user.id}/disable`, { token: admin });
    await identity.call("PUT", `/auth/users/${user.id}/enable`, { token: admin });
    const { access_token } = await identity.login("ada");
    const entry = (await trail(identity, access_token)).body.items.find(({ type }) => type === "user.disabled");
    expect(entry).toMatchObject({ actor_id: root, session_id: null, ip_address: null, device_info: null });
  });

  test("pages through events and failed logins as one list, without a hole or a repetition", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const moment = (i: number) => new Date(Date.now() - i * 1_000).toISOString();
    await identity.db.write(
      Array.from({ length: 9 }, (_, i) =>
        insertRow(loginAttempts, {
          id: newId(),
          user_id: user.id,
          name_hash: "x",
          kind: "password",
          time: moment(Math.floor(i / 3)),
        }),
      ),
    );
    const whole = (await trail(identity, token, "limit=100")).body.items;
    expect(whole).toHaveLength(11);
    const seen: AuditEntry[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await trail(identity, token, `limit=2${cursor}`);
      seen.push(...body.items);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual([...whole]);
    expect((await trail(identity, token, "limit=3&skip=4")).body.items).toEqual(whole.slice(4, 7));
  });

  test("401 without a token; 422 for another's cursor and for what it does not take", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { token: other } = await identity.person("grace");
    expect((await trail(identity, undefined)).status).toBe(401);
    const { body } = await trail(identity, token, "limit=1");
    const stolen = await trail(identity, other, `limit=1&cursor=${body.next_cursor}`);
    expect([stolen.status, stolen.body.error_code]).toEqual([422, "invalid_cursor"]);
    expect((await trail(identity, token, "user_id=x")).status).toBe(422);
  });
});

describe("GET /auth/me/export", () => {
  test("is one JSON document of all that identity holds on the user, and no secret", async () => {
    await using identity = await testIdentity();
    const { user, tokens, token } = await identity.person("ada");
    await identity.person("grace");
    const mailed = await mailedToken(identity.db, "ada@example.com", "email_verification");
    await identity.call("POST", "/organizations", { token, body: { name: "Analysts" } });
    const { status, headers, body } = await identity.call<Record<string, unknown> & { user: User }>(
      "GET",
      "/auth/me/export",
      { token },
    );
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
      200,
      "application/json",
      "no-store",
    ]);
    expect(headers.get("content-disposition")).toBe('attachment; filename="stoa-identity.json"');
    expect([...Value.Errors(strict(UserExport), body)]).toEqual([]);
    const me = await identity.call<User>("GET", "/auth/me", { token });
    expect(body.user).toEqual({ ...me.body, password_changed_at: user.created_at } as never);
    expect(body).toMatchObject({
      exported_at: expect.any(String),
      sessions: [{ id: tokens.session_id, method: "password", ip_address: "192.0.2.1", ended_at: null }],
      organizations: [{ name: "Analysts", role: "owner" }],
      invitations: [],
      external_identities: [],
      second_factors: [],
      former_usernames: [],
      mails: [{ kind: "email_verification", recipient: "ada@example.com", status: "waiting" }],
      mailed_tokens: [{ purpose: "email_verification", email: "ada@example.com", used_at: null }],
      audit: [{ type: "organization.created" }, { type: "session.started" }, { type: "user.registered" }],
    });
    const text = JSON.stringify(body);
    for (const secret of [mailed, tokens.refresh_token, password, "hash", "grace"]) expect(text).not.toContain(secret);
  });

  test("is whole however many entries there are", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const time = new Date().toISOString();
    const some = Array.from(
      { length: 1_203 },
      () => append(system, { type: "user.enabled", aggregate_id: user.id, time, data: { user_id: user.id } }).statement,
    );
    await identity.db.write(some);
    const { body } = await identity.call<{ audit: AuditEntry[] }>("GET", "/auth/me/export", { token });
    expect(body.audit).toHaveLength(1_205);
    expect(new Set(body.audit.map(({ id }) => id)).size).toBe(1_205);
  });

  test("is left in the middle without harm", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const { download, exportUser } = await import("./export.ts");
    const reader = download(await exportUser(identity.deps, { user_id: user.id })).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain(user.id);
    await reader?.cancel();
    expect(await identity.db.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  test("401 without a token", async () => {
    await using identity = await testIdentity();
    expect((await identity.call("GET", "/auth/me/export")).status).toBe(401);
  });
});
