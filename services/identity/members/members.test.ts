import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { intercepted } from "@stoa/testing";
import type { Organization, OrganizationMember } from "../organizations/schema.ts";
import { join, testOrganization } from "../test/organizations.ts";

describe("GET members", () => {
  test("members see all, who joined last first, in pages; others 403", async () => {
    await using all = await testOrganization();
    const { identity, ada, linus, eve, root, path } = all;
    type Page = { items: OrganizationMember[]; next_cursor: string | null; total: number };
    const { body } = await identity.call<Page>("GET", `${path}/members?limit=2&count=true`, { token: linus.token });
    expect(body).toMatchObject({ items: [{ username: "linus" }, { username: "grace" }], total: 3 });
    const next = await identity.call<Page>("GET", `${path}/members?limit=2&cursor=${body.next_cursor}`, {
      token: linus.token,
    });
    expect(next.body).toEqual({
      items: [
        {
          user_id: ada.user.id,
          username: "ada",
          full_name: null,
          role: "owner",
          is_active: true,
          joined_at: expect.any(String),
        },
      ],
      next_cursor: null,
    } as never);
    const tokens = [root, eve.token, undefined];
    expect(await all.statuses("GET", `${path}/members`, tokens)).toEqual([200, 403, 401]);
    expect(await all.statuses("GET", `${path}/members/${ada.user.id}`, [linus.token, ...tokens])).toEqual([
      200, 200, 403, 401,
    ]);
    expect(await all.statuses("GET", `${path}/members/${eve.user.id}`, [linus.token])).toEqual([404]);
  });
});

describe("POST members", () => {
  test("201 by id or username; the organization's version moves on; an event says so", async () => {
    await using all = await testOrganization();
    const { identity, grace, eve, path, organization } = all;
    const { status, body, headers } = await identity.call<OrganizationMember>("POST", `${path}/members`, {
      token: grace.token,
      body: { username: " EVE ", role: "admin" },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ user_id: eve.user.id, username: "eve", role: "admin", is_active: true });
    expect(headers.get("location")).toBe(`/api/v1${path}/members/${eve.user.id}`);
    expect((await all.saidBy("organization.member_added")).at(-1)).toEqual({
      organization_id: organization.id,
      name: "Engines",
      user_id: eve.user.id,
      role: "admin",
      invitation_id: null,
    });
    const { body: now } = await identity.call<Organization>("GET", path, { token: eve.token });
    expect(now).toMatchObject({ role: "admin", member_count: 4, version: 4 });
  });

  test("owners, admins and superusers add; an admin makes no owner; members and others 403", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path } = all;
    const add = async (token: string | undefined, role: string) => {
      const { id } = await identity.register(`new-${newId().slice(-12)}`);
      return (await identity.call("POST", `${path}/members`, { token, body: { user_id: id, role } })).status;
    };
    const found: Record<string, number[]> = {};
    for (const role of ["owner", "admin", "member"]) {
      found[role] = [];
      for (const token of [ada.token, grace.token, root, linus.token, eve.token, undefined]) {
        found[role].push(await add(token, role));
      }
    }
    expect(found).toEqual({
      owner: [201, 403, 201, 403, 403, 401],
      admin: [201, 201, 201, 403, 403, 401],
      member: [201, 201, 201, 403, 403, 401],
    });
  });

  test("409 for a member, whatever the role; 404 for someone unknown or disabled; 422 for two names or none", async () => {
    await using all = await testOrganization();
    const { identity, ada, linus, eve, root, path } = all;
    const add = (body: object) => identity.call("POST", `${path}/members`, { token: ada.token, body });
    expect(await add({ user_id: linus.user.id, role: "admin" })).toMatchObject({
      status: 409,
      body: { error_code: "already_member" },
    });
    expect((await all.roles())["linus"]).toBe("member");
    expect((await add({ user_id: newId(), role: "member" })).status).toBe(404);
    expect((await add({ username: "nobody", role: "member" })).status).toBe(404);
    await identity.call("PUT", `/auth/users/${eve.user.id}/disable`, { token: root });
    expect((await add({ user_id: eve.user.id, role: "member" })).status).toBe(404);
    expect((await add({ role: "member" })).status).toBe(422);
    expect((await add({ user_id: newId(), username: "eve", role: "member" })).status).toBe(422);
    expect((await add({ user_id: newId(), role: "boss" })).status).toBe(422);
    expect((await add({ user_id: newId() })).status).toBe(422);
  });

  test("of two at once, one adds; with an Idempotency-Key both get the same member", async () => {
    await using all = await testOrganization();
    const { identity, ada, eve, path } = all;
    const add = (headers = {}) =>
      identity.call("POST", `${path}/members`, {
        token: ada.token,
        body: { user_id: eve.user.id, role: "member" },
        headers,
      });
    const statuses = async (headers = {}) =>
      (await Promise.all([add(headers), add(headers)])).map(({ status }) => status).sort();
    expect(await statuses()).toEqual([201, 409]);
    await identity.call("DELETE", `${path}/members/${eve.user.id}`, { token: ada.token });
    expect(await statuses({ "idempotency-key": "k" })).toEqual([201, 201]);
    expect(await identity.events("organization.member_added")).toHaveLength(4);
  });
});

describe("PATCH members/{user_id}", () => {
  test("owners change anyone; admins members and admins, but make and change no owners; members nobody", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path, organization } = all;
    const set = async (token: string, who: string, role: string) =>
      (await identity.call("PATCH", `${path}/members/${who}`, { token, body: { role } })).status;
    expect(await set(grace.token, linus.user.id, "admin")).toBe(200);
    expect(await set(grace.token, linus.user.id, "owner")).toBe(403);
    expect(await set(grace.token, grace.user.id, "owner")).toBe(403);
    expect(await set(grace.token, ada.user.id, "member")).toBe(403);
    expect(await set(grace.token, ada.user.id, "owner")).toBe(200);
    expect(await set(ada.token, linus.user.id, "member")).toBe(200);
    expect(await set(linus.token, linus.user.id, "admin")).toBe(403);
    expect(await set(linus.token, linus.user.id, "member")).toBe(403);
    expect(await set(eve.token, linus.user.id, "admin")).toBe(403);
    expect(await set(ada.token, eve.user.id, "admin")).toBe(404);
    expect(await set(root, linus.user.id, "owner")).toBe(200);
    expect(await all.saidBy("organization.member_role_changed")).toEqual([
      { organization_id: organization.id, name: "Engines", user_id: linus.user.id, from: "member", to: "admin" },
      { organization_id: organization.id, name: "Engines", user_id: linus.user.id, from: "admin", to: "member" },
      { organization_id: organization.id, name: "Engines", user_id: linus.user.id, from: "member", to: "owner" },
    ]);
  });

  test("a member as fetched can be sent back, PUT is the same; other fields and roles are 422", async () => {
    await using all = await testOrganization();
    const { identity, ada, linus, path } = all;
    const at = `${path}/members/${linus.user.id}`;
    const { body } = await identity.call<OrganizationMember>("GET", at, { token: ada.token });
    const again = await identity.call<OrganizationMember>("PUT", at, { token: ada.token, body });
    expect([again.status, again.body]).toEqual([200, body]);
    expect(await all.statuses("PATCH", at, [ada.token], { username: "other" })).toEqual([422]);
    expect(await all.statuses("PATCH", at, [ada.token], { role: "boss" })).toEqual([422]);
    expect(await all.statuses("PATCH", at, [ada.token], { role: null })).toEqual([422]);
    expect(await identity.events("organization.member_role_changed")).toEqual([]);
  });

  test("409 for the last owner; of two owners who step down at once, one stays", async () => {
    await using all = await testOrganization();
    const { identity, ada, linus, path } = all;
    const stepDown = (who: typeof ada) =>
      identity.call("PATCH", `${path}/members/${who.user.id}`, { token: who.token, body: { role: "member" } });
    expect(await stepDown(ada)).toMatchObject({ status: 409, body: { error_code: "last_owner" } });
    await identity.call("PATCH", `${path}/members/${linus.user.id}`, { token: ada.token, body: { role: "owner" } });
    const answers = await Promise.all([stepDown(ada), stepDown(linus)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(Object.values(await all.roles()).filter((role) => role === "owner")).toHaveLength(1);
  });
});

describe("DELETE members/{user_id}", () => {
  test("anyone leaves; managers remove others, an admin no owner; members nobody but themselves", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, eve, root, path, organization } = all;
    await join(identity, ada, organization.id, eve, "member");
    const remove = (who: typeof ada, tokens: (string | undefined)[]) =>
      all.statuses("DELETE", `${path}/members/${who.user.id}`, tokens);
    expect(await remove(eve, [linus.token, undefined])).toEqual([403, 401]);
    expect(await remove(ada, [grace.token, linus.token])).toEqual([403, 403]);
    expect(await remove(eve, [grace.token, grace.token, eve.token])).toEqual([204, 404, 403]);
    expect(await remove(linus, [linus.token, root])).toEqual([204, 404]);
    expect(await remove(grace, [root])).toEqual([204]);
    expect(await all.roles()).toEqual({ ada: "owner" });
    expect((await all.saidBy("organization.member_removed"))[0]).toEqual({
      organization_id: organization.id,
      name: "Engines",
      user_id: eve.user.id,
      role: "member",
    });
  });

  test("409 for the last owner, also by a superuser; of two owners leaving at once, one stays", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, root, path } = all;
    const at = (who: typeof ada) => `${path}/members/${who.user.id}`;
    expect(await all.statuses("DELETE", at(ada), [ada.token, root])).toEqual([409, 409]);
    await identity.call("PATCH", at(grace), { token: ada.token, body: { role: "owner" } });
    const answers = await Promise.all(
      [ada, grace].map((who) => identity.call("DELETE", at(who), { token: who.token })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(Object.values(await all.roles()).sort()).toEqual(["member", "owner"]);
    expect(await identity.events("organization.member_removed")).toHaveLength(1);
  });

  test("409 when the owners that would remain are all disabled, for leaving and stepping down; a disabled one may go", async () => {
    await using all = await testOrganization();
    const { identity, ada, grace, linus, root, path } = all;
    const at = (who: typeof ada) => `${path}/members/${who.user.id}`;
    const give = (who: typeof ada, role: string) =>
      identity.call("PATCH", at(who), { token: ada.token, body: { role } });
    await give(grace, "owner");
    await identity.call("PUT", `/auth/users/${grace.user.id}/disable`, { token: root });
    expect(await all.statuses("DELETE", at(ada), [ada.token, root])).toEqual([409, 409]);
    expect(await give(ada, "member")).toMatchObject({ status: 409, body: { error_code: "last_owner" } });
    // Of two active owners and a disabled one who leave at once, an active one stays.
    await give(linus, "owner");
    const leaving = await Promise.all(
      [ada, linus].map((who) => identity.call("DELETE", at(who), { token: who.token })),
    );
    expect(leaving.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await all.statuses("DELETE", at(grace), [root])).toEqual([204]);
    expect(Object.values(await all.roles())).toEqual(["owner"]);
  });

  test("a superuser disables whom they will, the last active owner too", async () => {
    await using all = await testOrganization();
    const { identity, ada, root, path } = all;
    expect((await identity.call("PUT", `/auth/users/${ada.user.id}/disable`, { token: root })).status).toBe(200);
    expect(await all.statuses("DELETE", `${path}/members/${ada.user.id}`, [root])).toEqual([409]);
  });

  test("a right that is lost while the request runs is lost", async () => {
    await using all = await testOrganization();
    const { identity, grace, linus, path, organization } = all;
    const db = { ...identity.db };
    let lost = 0;
    // Grace is made a plain member after her request has read that she is admin.
    const racing = intercepted(db, {
      write: async ([statement]) => {
        if (!statement?.args.includes("organization.member_removed")) return;
        lost++;
        await db.write([
          sql`update organization_members set role = 'member' where user_id = ${grace.user.id}
            and organization_id = ${organization.id}`,
        ]);
      },
    });
    Object.assign(identity.db, racing);
    const at = `${path}/members/${linus.user.id}`;
    expect(await all.statuses("DELETE", at, [grace.token])).toEqual([403]);
    expect(lost).toBe(1);
    Object.assign(identity.db, db);
    expect(await all.roles()).toMatchObject({ linus: "member" });
  });
});
