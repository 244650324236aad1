import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import type { Organization } from "../organizations/schema.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import { type Person, testOrganization } from "../test/organizations.ts";
import type { Invitation, OwnInvitation } from "./schema.ts";

/** The organization of the tests; Eve, whose address is verified, is invited to it by Ada. */
async function testInvited() {
  const all = await testOrganization();
  const { identity, ada, eve, path } = all;
  const verify = (who: Person) =>
    identity.db.write([sql`update users set email_verified = 1 where id = ${who.user.id}`]);
  const invite = async (email = "eve@example.com", role = "admin", by = ada, at = path) => {
    const { status, body } = await identity.call<Invitation>("POST", `${at}/invitations`, {
      token: by.token,
      body: { email, role },
    });
    expect(status).toBe(201);
    return body;
  };
  await verify(ada);
  await verify(eve);
  return {
    ...all,
    verify,
    invite,
    sent: await invite(),
    list: async (token: string, query = "") =>
      (
        await identity.call<{ items: OwnInvitation[]; next_cursor: string | null; total?: number }>(
          "GET",
          `/invitations${query}`,
          { token },
        )
      ).body,
    act: (verb: "accept" | "decline", id: string, token = eve.token) =>
      identity.call<OwnInvitation & Organization & { error_code?: string }>("POST", `/invitations/${id}/${verb}`, {
        token,
      }),
    resend: (id: string, token: string | undefined = ada.token) =>
      identity.call<Invitation & { error_code?: string }>("POST", `${path}/invitations/${id}/resend`, { token }),
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

describe("GET /invitations", () => {
  test("lists those to one's own address that can be accepted, newest first, with what they are to", async () => {
    await using all = await testInvited();
    const { identity, ada, eve, organization, sent } = all;
    const { body: looms } = await identity.call<Organization>("POST", "/organizations", {
      token: ada.token,
      body: { name: "Looms" },
    });
    const second = await all.invite("EVE@example.com", "member", ada, `/organizations/${looms.id}`);
    await all.invite("other@example.com");
    const { items } = await all.list(eve.token);
    expect(items).toEqual([
      { ...second, organization_id: looms.id, organization_name: "Looms", inviter_name: "ada" },
      { ...sent, organization_id: organization.id, organization_name: "Engines", inviter_name: "ada" },
    ]);
    const page = await all.list(eve.token, "?limit=1&count=true");
    expect([page.items, page.total]).toEqual([[items[0]], 2] as never);
    expect((await all.list(eve.token, `?limit=1&cursor=${page.next_cursor}`)).items).toEqual(items.slice(1));
    expect(JSON.stringify(items)).not.toContain("token");
  });

  test("is empty while the address is not verified, and for everybody else", async () => {
    await using all = await testInvited();
    const { identity, eve, grace, root } = all;
    await identity.db.write([sql`update users set email_verified = 0 where id = ${eve.user.id}`]);
    for (const token of [eve.token, grace.token, root]) expect((await all.list(token)).items).toEqual([]);
    expect((await identity.call("GET", "/invitations")).status).toBe(401);
  });

  test("leaves out what has ended, lapsed or expired", async () => {
    await using all = await testInvited();
    const { identity, ada, eve, path, sent, organization } = all;
    const shown = async () => (await all.list(eve.token)).items.length;
    for (const status of ["accepted", "declined", "revoked"]) {
      await identity.db.write([sql`update invitations set status = ${status}`]);
      expect(await shown()).toBe(0);
    }
    await identity.db.write([sql`update invitations set status = 'pending'`]);
    await identity.db.write([sql`update users set is_active = 0 where id = ${ada.user.id}`]);
    expect(await shown()).toBe(0);
    await identity.db.write([sql`update users set is_active = 1 where id = ${ada.user.id}`]);
    expect(await shown()).toBe(1);
    await identity.call("POST", `${path}/members`, { token: ada.token, body: { username: "eve", role: "member" } });
    await identity.db.write([sql`update invitations set status = 'pending' where id = ${sent.id}`]);
    await identity.db.write([
      sql`delete from organization_members where user_id = ${eve.user.id}
      and organization_id = ${organization.id}`,
    ]);
    expect(await shown()).toBe(0);
  });

  test("asks the database by an index", async () => {
    await using all = await testInvited();
    const plan = await all.identity.db.query(
      sql`explain query plan select * from invitations where email_key = 'x' order by id desc limit 50`,
    );
    expect(JSON.stringify(plan)).toContain("invitations_addressee");
    expect(JSON.stringify(plan)).not.toContain("TEMP B-TREE");
  });
});

describe("POST /invitations/{id}/accept", () => {
  test("200 with the organization: they are a member, and the mailed token is used up", async () => {
    await using all = await testInvited();
    const { identity, eve, sent } = all;
    const token = await mailedToken(identity.db, "eve@example.com", "invitation");
    const { status, body } = await all.act("accept", sent.id);
    expect([status, body]).toMatchObject([200, { name: "Engines", role: "admin" }]);
    expect((await all.roles())["eve"]).toBe("admin");
    expect((await all.saidBy("organization.member_added")).at(-1)).toMatchObject({ invitation_id: sent.id });
    expect((await all.act("accept", sent.id)).body.error_code).toBe("already_member");
    const again = await identity.call("POST", "/invitations/accept", { token: eve.token, body: { token } });
    expect(again.status).not.toBe(200);
  });

  test("403 for somebody else's, and while one's own address is not verified; 404 for none", async () => {
    await using all = await testInvited();
    const { identity, eve, grace, root, sent } = all;
    for (const token of [grace.token, root]) {
      expect((await all.act("accept", sent.id, token)).body.error_code).toBe("forbidden");
    }
    await identity.db.write([sql`update users set email_verified = 0 where id = ${eve.user.id}`]);
    expect((await all.act("accept", sent.id)).body).toMatchObject({ status: 403, error_code: "forbidden" });
    expect((await all.act("accept", "019aa0f0-0000-7000-8000-000000000000")).status).toBe(404);
  });

  test("409 invitation_closed once it has ended, expired, or its inviter may not", async () => {
    await using all = await testInvited();
    const { identity, ada, sent } = all;
    const code = async () => (await all.act("accept", sent.id)).body.error_code;
    for (const status of ["declined", "revoked"]) {
      await identity.db.write([sql`update invitations set status = ${status}`]);
      expect(await code()).toBe("invitation_closed");
    }
    await identity.db.write([sql`update invitations set status = 'pending'`]);
    await identity.db.write([sql`update users set is_active = 0 where id = ${ada.user.id}`]);
    expect(await code()).toBe("invitation_closed");
    await identity.db.write([sql`update invitations set expires_at = created_at`]);
    expect(await code()).toBe("invitation_closed");
  });

  test("what is revoked meanwhile is not accepted; of many at once one is", async () => {
    await using all = await testInvited();
    const { identity, ada, path, sent } = all;
    const answers = await Promise.all(Array.from({ length: 5 }, () => all.act("accept", sent.id)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409]);
    const linus = await identity.person("newcomer");
    await all.verify(linus);
    const other = await all.invite("newcomer@example.com");
    meanwhile(identity.db, () => identity.call("DELETE", `${path}/invitations/${other.id}`, { token: ada.token }));
    expect((await all.act("accept", other.id, linus.token)).body.error_code).toBe("invitation_closed");
  });
});

describe("POST /invitations/{id}/decline", () => {
  test("200 with it, declined, with an event; repeated it stays so, and the token is worth nothing", async () => {
    await using all = await testInvited();
    const { identity, ada, eve, organization, path, sent } = all;
    const token = await mailedToken(identity.db, "eve@example.com", "invitation");
    const { status, body } = await all.act("decline", sent.id);
    expect([status, body]).toMatchObject([200, { id: sent.id, status: "declined", organization_name: "Engines" }]);
    expect((await all.act("decline", sent.id)).body).toEqual(body);
    const [event, ...more] = await identity.events("invitation.declined");
    expect(more).toEqual([]);
    expect(event).toMatchObject({ aggregate_id: organization.id, entity_id: sent.id, actor_id: eve.user.id });
    expect(JSON.parse(String(event?.["data"]))).toEqual({
      organization_id: organization.id,
      name: "Engines",
      invitation_id: sent.id,
      user_id: eve.user.id,
    });
    const accepting = await identity.call("POST", "/invitations/accept", { token: eve.token, body: { token } });
    expect(accepting.body.error_code).toBe("invalid_ticket");
    const seen = await identity.call<Invitation>("GET", `${path}/invitations/${sent.id}`, { token: ada.token });
    expect(seen.body.status).toBe("declined");
    const listed = await identity.call<{ items: Invitation[] }>("GET", `${path}/invitations?status=declined`, {
      token: ada.token,
    });
    expect(listed.body.items).toHaveLength(1);
    await all.invite();
  });

  test("409 invitation_accepted once accepted; revoked or expired it stays as it is; 403 and 404 as for accepting", async () => {
    await using all = await testInvited();
    const { identity, grace, sent } = all;
    expect((await all.act("decline", sent.id, grace.token)).body.error_code).toBe("forbidden");
    expect((await all.act("decline", "019aa0f0-0000-7000-8000-000000000000")).status).toBe(404);
    await identity.db.write([sql`update invitations set status = 'revoked'`]);
    expect((await all.act("decline", sent.id)).body.status as string).toBe("revoked");
    await identity.db.write([sql`update invitations set status = 'pending'`]);
    await all.act("accept", sent.id);
    expect((await all.act("decline", sent.id)).body).toMatchObject({ status: 409, error_code: "invitation_accepted" });
    expect(await identity.events("invitation.declined")).toEqual([]);
  });
});

describe("POST /organizations/{id}/invitations/{invitation_id}/resend", () => {
  test("200: another mail, whose token alone is good, for another seven days", async () => {
    await using all = await testInvited();
    const { identity, grace, eve, organization, sent } = all;
    const old = await mailedToken(identity.db, "eve@example.com", "invitation");
    identity.clock.ahead = 8 * 86_400_000;
    const { status, body } = await all.resend(sent.id, (await identity.login("grace")).access_token);
    expect([status, body]).toMatchObject([200, { id: sent.id, status: "pending", invited_by: sent.invited_by }]);
    expect(Date.parse(body.expires_at) - Date.parse(sent.expires_at)).toBeGreaterThanOrEqual(8 * 86_400_000);
    expect((await mailsTo(identity.db, "eve@example.com")).at(-1)?.text).toContain("grace invites you");
    const [event] = await identity.events("invitation.resent");
    expect(event).toMatchObject({ aggregate_id: organization.id, entity_id: sent.id, actor_id: grace.user.id });
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({ role: "admin", user_id: eve.user.id });
    const { access_token: token } = await identity.login("eve");
    const accept = (its: string) => identity.call("POST", "/invitations/accept", { token, body: { token: its } });
    expect((await accept(old)).body.error_code).toBe("invalid_ticket");
    expect((await accept(await mailedToken(identity.db, "eve@example.com", "invitation"))).status).toBe(200);
  });

  test("403 for who may not give the role, 404, and 409 once it was accepted, declined or revoked", async () => {
    await using all = await testInvited();
    const { identity, linus, grace, eve, root, sent } = all;
    const statuses = await all.statuses("POST", `${all.path}/invitations/${sent.id}/resend`, [
      undefined,
      eve.token,
      linus.token,
      grace.token,
      root,
    ]);
    expect(statuses).toEqual([401, 403, 403, 200, 200]);
    await identity.db.write([sql`update invitations set role = 'owner'`]);
    expect((await all.resend(sent.id, grace.token)).body.error_code).toBe("forbidden");
    expect((await all.resend("019aa0f0-0000-7000-8000-000000000000")).status).toBe(404);
    for (const [status, code] of [
      ["accepted", "invitation_accepted"],
      ["declined", "invitation_closed"],
      ["revoked", "invitation_closed"],
    ] as const) {
      await identity.db.write([sql`update invitations set status = ${status}`]);
      expect((await all.resend(sent.id)).body).toMatchObject({ status: 409, error_code: code });
    }
  });

  test("409 already_invited when an expired one has been replaced, invitation_closed when its inviter may not give it", async () => {
    await using all = await testInvited();
    const { identity, ada, root, sent } = all;
    await identity.db.write([sql`update invitations set expires_at = created_at`]);
    await all.invite();
    expect((await all.resend(sent.id)).body.error_code).toBe("already_invited");
    await identity.db.write([sql`delete from invitations where id <> ${sent.id}`]);
    await identity.db.write([sql`update users set is_active = 0 where id = ${ada.user.id}`]);
    expect((await all.resend(sent.id, root)).body.error_code).toBe("invitation_closed");
  });

  test("429 past five mails an hour to one address, and past five a day while one's own is not verified", async () => {
    await using all = await testInvited();
    const { identity, grace, sent } = all;
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await all.resend(sent.id)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429]);
    for (let i = 0; i < 5; i++) await all.invite(`stranger${i}@example.com`, "member", grace);
    expect((await all.resend(sent.id, grace.token)).body.error_code).toBe("rate_limited");
    expect(await identity.events("invitation.resent")).toHaveLength(4);
  });
});
