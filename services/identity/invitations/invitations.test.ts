import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { MailRow } from "@stoa/mail/table";
import { rowsOf } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import type { Organization } from "../organizations/schema.ts";
import { testOrganization } from "../test/organizations.ts";
import type { User } from "../users/schema.ts";
import type { Invitation } from "./schema.ts";

const DAY_MS = 86_400_000;

/** An organization whose owner invites. */
async function testInvitations() {
  const all = await testOrganization();
  const { identity, ada, path } = all;
  const mails = () => rowsOf<MailRow>(identity.db, sql`select * from mails where kind = 'invitation' order by id`);
  const send = <T = Invitation & { error_code: string }>(body: object, token = ada.token, headers = {}) =>
    identity.call<T>("POST", `${path}/invitations`, { token, body, headers });
  return {
    ...all,
    mails,
    send,
    /** Invites, and gives the token of the mail. */
    invite: async (email: string, role = "member") => {
      const { status, body } = await send({ email, role });
      if (status !== 201) throw new Error(`Inviting got ${status}.`);
      const { text } = (await mails()).at(-1) ?? {};
      const token = /#token=([\w-]+)/.exec(text ?? "")?.[1];
      if (!token) throw new Error("The mail has no token.");
      return { invitation: body, token };
    },
    accept: <T = Organization & { error_code: string }>(token: string, by: string) =>
      identity.call<T>("POST", "/invitations/accept", { token: by, body: { token } }),
    statusOf: async (id: string) =>
      (await identity.call<Invitation>("GET", `${path}/invitations/${id}`, { token: ada.token })).body.status,
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

describe("POST invitations", () => {
  test("201 with the invitation, and a mail with a token that is shown and kept nowhere else", async () => {
    await using all = await testInvitations();
    const { identity, ada, path, organization, send, mails } = all;
    // Older versions took names of several lines.
    await identity.db.write([sql`update users set full_name = ${"Ada\r\nLovelace"} where id = ${ada.user.id}`]);
    const { status, body, headers } = await send({ email: " New@Example.com ", role: "admin" });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      email: "New@Example.com",
      role: "admin",
      status: "pending",
      invited_by: ada.user.id,
      created_at: expect.any(String),
      expires_at: new Date(Date.parse(body.created_at) + 7 * DAY_MS).toISOString(),
    } as never);
    expect(headers.get("location")).toBe(`/api/v1${path}/invitations/${body.id}`);
    const [mail, ...others] = await mails();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      recipient: "New@Example.com",
      user_id: null,
      subject: "Invitation to Engines",
      expires_at: body.expires_at,
    });
    expect(mail?.text).toContain("Ada Lovelace invites you to Engines, as an admin.");
    const token = /https:\/\/app\.example\.com\/accept-invitation#token=([\w-]{43})/.exec(mail?.text ?? "")?.[1] ?? "";
    expect(token).not.toBe("");
    const kept = await identity.db.queryAll([sql`select * from invitations`, sql`select * from journal`]);
    expect(JSON.stringify([kept, identity.logged, body])).not.toContain(token);
    expect(JSON.stringify(kept[1])).not.toContain("xample.com");
    expect(await all.saidBy("organization.member_invited")).toEqual([
      {
        organization_id: organization.id,
        name: "Engines",
        invitation_id: body.id,
        role: "admin",
        user_id: null,
      },
    ]);
  });

  test("the event names who has the address only once they verified it", async () => {
    await using all = await testInvitations();
    const { identity, eve, send } = all;
    await send({ email: "eve@example.com", role: "member" });
    await identity.db.write([sql`update users set email_verified = 1 where id = ${eve.user.id}`]);
    await identity.db.write([sql`delete from invitations`]);
    await send({ email: "EVE@example.com", role: "member" });
    const said = (await all.saidBy("organization.member_invited")).map(({ user_id }) => user_id);
    expect(said).toEqual([null, eve.user.id]);
  });

  test("owners, admins and superusers invite; an admin no owner; members and others 403", async () => {
    await using all = await testInvitations();
    const { ada, grace, linus, eve, root, path } = all;
    const found: Record<string, number[]> = {};
    for (const role of ["owner", "admin", "member"]) {
      found[role] = [];
      for (const token of [ada.token, grace.token, root, linus.token, eve.token, undefined]) {
        const body = { email: `${newId()}@example.com`, role };
        found[role].push(...(await all.statuses("POST", `${path}/invitations`, [token], body)));
      }
    }
    expect(found).toEqual({
      owner: [201, 403, 201, 403, 403, 401],
      admin: [201, 201, 201, 403, 403, 401],
      member: [201, 201, 201, 403, 403, 401],
    });
  });

  test("409 for a member's address and for one that is invited, in any case; an old invitation does not stand in the way", async () => {
    await using all = await testInvitations();
    const { identity, send } = all;
    const outcome = async (email: string) => {
      const { status, body } = await send({ email, role: "member" });
      return [status, body.error_code ?? "none"];
    };
    expect(await outcome("Linus@example.com")).toEqual([409, "already_member"]);
    expect(await outcome("new@example.com")).toEqual([201, "none"]);
    expect(await outcome("NEW@example.com")).toEqual([409, "already_invited"]);
    identity.clock.ahead = 7 * DAY_MS;
    await all.identity.db.write([sql`update sessions set expires_at = '2999-01-01T00:00:00.000Z'`]);
    const token = (await identity.login("ada")).access_token;
    expect((await send({ email: "new@example.com", role: "member" }, token)).status).toBe(201);
  });

  test("429 past five mails an hour to one address, whoever takes invitations back and sends them again", async () => {
    await using all = await testInvitations();
    const { identity, ada, path, send, mails } = all;
    await identity.db.write([sql`update users set email_verified = 1 where username = 'ada'`]);
    for (const [email, who] of [
      ["new@example.com", "NEW@example.com"],
      ["eve@example.com", "Eve@Example.com"],
    ] as const) {
      const before = (await mails()).length;
      for (let times = 0; times < 5; times++) {
        const { body } = await send({ email: times % 2 ? email : who, role: "member" });
        await identity.call("DELETE", `${path}/invitations/${body.id}`, { token: ada.token });
      }
      const refused = await send({ email, role: "member" });
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3600"]);
      expect((await mails()).length).toBe(before + 5);
    }
    expect((await send({ email: "other@example.com", role: "member" })).status).toBe(201);
    identity.clock.ahead = 3_600_001;
    const { access_token } = await identity.login("ada");
    expect((await send({ email: "new@example.com", role: "member" }, access_token)).status).toBe(201);
  });

  test("of two at once, one is sent; with an Idempotency-Key both answer with it", async () => {
    await using all = await testInvitations();
    const { ada, send, mails } = all;
    const twice = async (email: string, headers = {}) => {
      const body = { email, role: "member" };
      const answers = await Promise.all([send(body, ada.token, headers), send(body, ada.token, headers)]);
      return answers.map(({ status }) => status).sort();
    };
    expect(await twice("one@example.com")).toEqual([201, 409]);
    expect(await twice("two@example.com", { "idempotency-key": "k" })).toEqual([201, 201]);
    expect(await mails()).toHaveLength(2);
  });

  test.each([
    {},
    { email: "x@example.com" },
    { email: "none", role: "member" },
    { email: "x@example.com", role: "boss" },
  ])("422 for %j", async (body) => {
    await using all = await testInvitations();
    expect((await all.send(body)).status).toBe(422);
  });
});

describe("POST /invitations/accept", () => {
  test("200: makes the one with that address a member with that role, and verifies the address", async () => {
    await using all = await testInvitations();
    const { identity, eve, organization } = all;
    const { token, invitation } = await all.invite("EVE@Example.com", "admin");
    const { status, body, headers } = await all.accept(token, eve.token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: organization.id, role: "admin", member_count: 4, version: 4 });
    expect(headers.get("etag")).toBe('"4"');
    const { body: me } = await identity.call<User>("GET", "/auth/me", { token: eve.token });
    expect(me).toMatchObject({ email_verified: true, version: 2 });
    expect(await all.statusOf(invitation.id)).toBe("accepted");
    expect((await all.saidBy("organization.member_added")).at(-1)).toEqual({
      organization_id: organization.id,
      name: "Engines",
      user_id: eve.user.id,
      role: "admin",
      invitation_id: invitation.id,
    });
    expect(await all.saidBy("user.email_verified")).toEqual([{ user_id: eve.user.id, email: "eve@example.com" }]);
  });

  test("someone who registers after the mail accepts it; a verified address stays as it is", async () => {
    await using all = await testInvitations();
    const { identity } = all;
    const { token } = await all.invite("new@example.com");
    const { token: by, user } = await identity.person("new");
    await identity.db.write([sql`update users set email_verified = 1 where id = ${user.id}`]);
    expect((await all.accept(token, by)).body).toMatchObject({ role: "member" });
    expect(await identity.events("user.email_verified")).toEqual([]);
  });

  test("422 for a token that is unknown, used, revoked or too old", async () => {
    await using all = await testInvitations();
    const { identity, ada, eve, path } = all;
    const refused = async (token: string, by = eve.token) => {
      const { status, body } = await all.accept(token, by);
      return [status, body.error_code];
    };
    const invalid = [422, "invalid_ticket"];
    expect(await refused("x")).toEqual(invalid);
    const used = await all.invite("eve@example.com");
    expect((await all.accept(used.token, eve.token)).status).toBe(200);
    expect(await refused(used.token)).toEqual(invalid);
    await identity.call("DELETE", `${path}/members/${eve.user.id}`, { token: eve.token });
    expect(await refused(used.token)).toEqual(invalid);
    const revoked = await all.invite("eve@example.com");
    await identity.call("DELETE", `${path}/invitations/${revoked.invitation.id}`, { token: ada.token });
    expect(await refused(revoked.token)).toEqual(invalid);
    const old = await all.invite("eve@example.com");
    identity.clock.ahead = 7 * DAY_MS;
    const later = (await identity.login("eve")).access_token;
    expect(await refused(old.token, later)).toEqual(invalid);
    expect((await all.accept("", later)).status).toBe(422);
  });

  test("403 for someone else, who gets nothing; 401 for nobody", async () => {
    await using all = await testInvitations();
    const { identity, eve, linus } = all;
    const { token, invitation } = await all.invite("eve@example.com", "owner");
    expect((await all.accept(token, linus.token)).status).toBe(403);
    expect((await identity.call("POST", "/invitations/accept", { body: { token } })).status).toBe(401);
    expect(await all.statusOf(invitation.id)).toBe("pending");
    expect((await all.accept(token, eve.token)).status).toBe(200);
  });

  test("409 for who became a member meanwhile: their role stays", async () => {
    await using all = await testInvitations();
    const { identity, ada, eve, path } = all;
    const { token } = await all.invite("eve@example.com", "owner");
    await identity.call("POST", `${path}/members`, { token: ada.token, body: { username: "eve", role: "member" } });
    expect(await all.accept(token, eve.token)).toMatchObject({ status: 409, body: { error_code: "already_member" } });
    expect((await all.roles())["eve"]).toBe("member");
  });

  test("422 after the organization was deleted", async () => {
    await using all = await testInvitations();
    const { identity, ada, eve, path } = all;
    const { token } = await all.invite("eve@example.com");
    await identity.call("DELETE", path, { token: ada.token });
    expect((await all.accept(token, eve.token)).body.error_code).toBe("invalid_ticket");
  });

  test("of many at once with one token, one gets through", async () => {
    await using all = await testInvitations();
    const { identity, eve } = all;
    const { token } = await all.invite("eve@example.com");
    const answers = await Promise.all(Array.from({ length: 6 }, () => all.accept(token, eve.token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(5).fill(422)]);
    expect(await identity.events("user.email_verified")).toHaveLength(1);
    expect(
      (await all.saidBy("organization.member_added")).filter(({ user_id }) => user_id === eve.user.id),
    ).toHaveLength(1);
  });

  test("of accepting and revoking at once, one wins, and the other says so", async () => {
    await using all = await testInvitations();
    const { identity, ada, eve, path } = all;
    const { token, invitation } = await all.invite("eve@example.com");
    const [accepted, revoked] = await Promise.all([
      all.accept(token, eve.token),
      identity.call("DELETE", `${path}/invitations/${invitation.id}`, { token: ada.token }),
    ]);
    expect([
      [200, 409],
      [422, 204],
    ]).toContainEqual([accepted.status, revoked.status]);
  });
});

describe("GET and DELETE invitations", () => {
  test("managers see them, newest first, by status and in pages; members and others 403", async () => {
    await using all = await testInvitations();
    const { identity, grace, linus, eve, root, path } = all;
    const { invitation: first } = await all.invite("eve@example.com");
    const { invitation: second } = await all.invite("second@example.com");
    const at = `${path}/invitations`;
    type Page = { items: Invitation[]; next_cursor: string | null; total?: number };
    const list = async (query = "", token = grace.token) =>
      (await identity.call<Page>("GET", `${at}${query}`, { token })).body;
    const page = await list("?limit=1&count=true");
    expect(page).toMatchObject({ items: [{ id: second.id }], total: 2 });
    expect((await list(`?limit=1&cursor=${page.next_cursor}`)).items).toEqual([first]);
    await identity.call("DELETE", `${at}/${first.id}`, { token: grace.token });
    const ids = async (status: string) => (await list(`?status=${status}`, root)).items.map(({ id }) => id);
    expect([await ids("pending"), await ids("revoked"), await ids("expired")]).toEqual([[second.id], [first.id], []]);
    expect(await ids("revoked,expired")).toEqual([first.id]);
    expect(await ids("pending,revoked")).toEqual([second.id, first.id]);
    for (const status of ["lost", "pending,lost"]) {
      expect(await all.statuses("GET", `${at}?status=${status}`, [root])).toEqual([422]);
    }
    const tokens = [grace.token, root, linus.token, eve.token, undefined];
    expect(await all.statuses("GET", at, tokens)).toEqual([200, 200, 403, 403, 401]);
    expect(await all.statuses("GET", `${at}/${first.id}`, tokens)).toEqual([200, 200, 403, 403, 401]);
    expect(await all.statuses("GET", `${at}/${newId()}`, [root])).toEqual([404]);
  });

  test("one that is past its time has expired", async () => {
    await using all = await testInvitations();
    const { identity, path } = all;
    const { invitation } = await all.invite("eve@example.com");
    identity.clock.ahead = 7 * DAY_MS;
    const token = (await identity.login("ada")).access_token;
    const at = `${path}/invitations/${invitation.id}`;
    expect((await identity.call<Invitation>("GET", at, { token })).body.status).toBe("expired");
    expect(await all.statuses("DELETE", at, [token])).toEqual([204]);
    expect(await identity.events("organization.invitation_revoked")).toEqual([]);
  });

  test("maintenance forgets those that ended more than 30 days ago, and no others", async () => {
    await using all = await testInvitations();
    const { identity } = all;
    await all.invite("old@example.com");
    identity.clock.ahead = 36 * DAY_MS;
    await maintain(identity.deps);
    expect(await identity.db.query(sql`select email from invitations`)).toHaveLength(1);
    identity.clock.ahead = 37 * DAY_MS + 60_000;
    await maintain(identity.deps);
    expect(await identity.db.query(sql`select email from invitations`)).toEqual([]);
  });

  test("managers revoke, an admin none to become owner; again 204; 409 once it was accepted", async () => {
    await using all = await testInvitations();
    const { ada, grace, linus, eve, root, path, organization } = all;
    const revoke = (id: string, tokens: (string | undefined)[]) =>
      all.statuses("DELETE", `${path}/invitations/${id}`, tokens);
    const { invitation: owner } = await all.invite("a@example.com", "owner");
    const { invitation: member } = await all.invite("b@example.com");
    expect(await revoke(owner.id, [linus.token, eve.token, undefined, grace.token, ada.token])).toEqual([
      403, 403, 401, 403, 204,
    ]);
    expect(await revoke(member.id, [grace.token, grace.token, root])).toEqual([204, 204, 204]);
    expect(await revoke(newId(), [grace.token])).toEqual([404]);
    expect(await all.saidBy("organization.invitation_revoked")).toEqual([
      { organization_id: organization.id, name: "Engines", invitation_id: owner.id },
      { organization_id: organization.id, name: "Engines", invitation_id: member.id },
    ]);
    const { invitation, token } = await all.invite("eve@example.com");
    await all.accept(token, eve.token);
    expect(await revoke(invitation.id, [ada.token])).toEqual([409]);
  });
});
