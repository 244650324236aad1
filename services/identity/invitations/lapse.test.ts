import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import type { Organization } from "../organizations/schema.ts";
import { mailedToken } from "../test/mails.ts";
import { join, type Person, testOrganization } from "../test/organizations.ts";
import type { Invitation } from "./schema.ts";

/** Ada and Bea own Engines, Grace is an admin of it; invitations are sent by whoever the test says. */
async function testLapse() {
  const all = await testOrganization();
  const { identity, ada, path, organization } = all;
  const bea = await identity.person("bea");
  await join(identity, ada, organization.id, bea, "owner");
  const member = (who: Person) => `${path}/members/${who.user.id}`;
  return {
    ...all,
    bea,
    member,
    /** Sends an invitation. @returns its id, and the token of the mail */
    invite: async (by: string, name: string, role: string, at = path) => {
      const email = `${name}@example.com`;
      const { status, body } = await identity.call<Invitation>("POST", `${at}/invitations`, {
        token: by,
        body: { email, role },
      });
      if (status !== 201) throw new Error(`Inviting got ${status}: ${JSON.stringify(body)}`);
      return { id: body.id, token: await mailedToken(identity.db, email, "invitation") };
    },
    accept: async (token: string, by: string) => {
      const { status, body } = await identity.call("POST", "/invitations/accept", { token: by, body: { token } });
      return [status, body.error_code];
    },
    /** What has become of invitations, in the order of the ids that are given. */
    statusOf: async (...sent: { id: string }[]) => {
      const found: unknown[] = [];
      for (const { id } of sent) {
        const [row] = await identity.db.query(sql`select status from invitations where id = ${id}`);
        found.push(row?.["status"]);
      }
      return found;
    },
    /** The invitations of which an event says that they were revoked. */
    lapsed: async () =>
      (await identity.events("organization.invitation_revoked")).map(({ entity_id }) => String(entity_id)),
    must: async (status: number, method: string, at: string, token: string, body?: unknown) => {
      const answer = await identity.call(method, at, { token, body });
      expect([method, at, answer.status]).toEqual([method, at, status]);
    },
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

const invalid = [422, "invalid_ticket"];

describe("an invitation is worth what its inviter may still give", () => {
  test("a removed owner does not come back by it, and throws nobody out", async () => {
    await using all = await testLapse();
    const { identity, ada, bea, organization } = all;
    const sent = await all.invite(bea.token, "second", "owner");
    await all.must(204, "DELETE", all.member(bea), ada.token);
    const second = await identity.person("second");
    expect(await all.accept(sent.token, second.token)).toEqual(invalid);
    await all.must(403, "DELETE", all.member(ada), second.token);
    expect(await all.statusOf(sent)).toEqual(["revoked"]);
    const [event] = await identity.events("organization.invitation_revoked");
    expect(event).toMatchObject({
      aggregate_id: organization.id,
      entity_id: sent.id,
      organization_id: organization.id,
      actor_id: ada.user.id,
      data: JSON.stringify({ organization_id: organization.id, name: "Engines", invitation_id: sent.id }),
    });
  });

  test("who leaves leaves none behind; those of others stay", async () => {
    await using all = await testLapse();
    const { ada, bea, grace } = all;
    const sent = [
      await all.invite(bea.token, "one", "owner"),
      await all.invite(bea.token, "two", "member"),
      await all.invite(ada.token, "three", "owner"),
      await all.invite(grace.token, "four", "admin"),
    ];
    await all.must(204, "DELETE", all.member(bea), bea.token);
    expect(await all.statusOf(...sent)).toEqual(["revoked", "revoked", "pending", "pending"]);
    expect((await all.lapsed()).toSorted()).toEqual(sent.slice(0, 2).map(({ id }) => id));
  });

  test("an owner who becomes admin keeps those to admin and member; who becomes member keeps none", async () => {
    await using all = await testLapse();
    const { ada, bea } = all;
    const sent = [
      await all.invite(bea.token, "one", "owner"),
      await all.invite(bea.token, "two", "admin"),
      await all.invite(bea.token, "three", "member"),
    ];
    await all.must(200, "PATCH", all.member(bea), ada.token, { role: "admin" });
    expect(await all.statusOf(...sent)).toEqual(["revoked", "pending", "pending"]);
    await all.must(200, "PATCH", all.member(bea), ada.token, { role: "member" });
    expect(await all.statusOf(...sent)).toEqual(["revoked", "revoked", "revoked"]);
    expect(await all.lapsed()).toHaveLength(3);
  });

  test("who becomes more keeps all", async () => {
    await using all = await testLapse();
    const { ada, grace } = all;
    const sent = await all.invite(grace.token, "one", "admin");
    await all.must(200, "PATCH", all.member(grace), ada.token, { role: "owner" });
    expect([await all.statusOf(sent), await all.lapsed()]).toEqual([["pending"], []]);
  });

  test("disabled, one by one and in bulk, and enabled again they stay revoked", async () => {
    await using all = await testLapse();
    const { bea, grace, root } = all;
    const sent = [await all.invite(bea.token, "one", "owner"), await all.invite(grace.token, "two", "member")];
    await all.must(200, "PUT", `/auth/users/${bea.user.id}/disable`, root);
    expect(await all.statusOf(...sent)).toEqual(["revoked", "pending"]);
    const ids = [bea.user.id, grace.user.id];
    await all.must(200, "POST", "/auth/users/bulk", root, { ids, action: "disable" });
    await all.must(200, "POST", "/auth/users/bulk", root, { ids, action: "enable" });
    expect(await all.statusOf(...sent)).toEqual(["revoked", "revoked"]);
    expect(await all.lapsed()).toEqual(sent.map(({ id }) => id));
  });

  test("erased, by themselves and by a superuser, in every organization", async () => {
    await using all = await testLapse();
    const { identity, bea, grace, root } = all;
    const { body } = await identity.call<Organization>("POST", "/organizations", {
      token: bea.token,
      body: { name: "Looms" },
    });
    const sent = [
      await all.invite(bea.token, "one", "owner"),
      await all.invite(bea.token, "one", "member", `/organizations/${body.id}`),
      await all.invite(grace.token, "two", "admin"),
    ];
    await all.must(204, "DELETE", "/auth/me", bea.token, { password: "seven herons by the weir" });
    await all.must(204, "DELETE", `/auth/users/${grace.user.id}`, root);
    expect(await all.statusOf(...sent)).toEqual(["revoked", "revoked", "revoked"]);
    expect((await all.lapsed()).toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
    const one = await identity.person("one");
    expect(await all.accept(sent[1]?.token ?? "", one.token)).toEqual(invalid);
  });

  test("a superuser's stay when they leave, and lapse when they are superuser no more", async () => {
    await using all = await testLapse();
    const { ada, bea, grace, root } = all;
    const superuser = (who: Person, is_superuser: boolean) =>
      all.must(200, "PUT", `/auth/users/${who.user.id}/superuser`, root, { is_superuser });
    await superuser(bea, true);
    await superuser(grace, true);
    const sent = [
      await all.invite(bea.token, "one", "owner"),
      await all.invite(grace.token, "two", "owner"),
      await all.invite(grace.token, "three", "admin"),
    ];
    await all.must(204, "DELETE", all.member(bea), ada.token);
    expect(await all.statusOf(...sent)).toEqual(["pending", "pending", "pending"]);
    await superuser(bea, false);
    // Grace is an admin still, who makes no owners.
    await superuser(grace, false);
    expect(await all.statusOf(...sent)).toEqual(["revoked", "revoked", "pending"]);
  });

  test("one that was accepted, revoked or has expired stays what it was, without an event", async () => {
    await using all = await testLapse();
    const { identity, ada, bea, eve, path } = all;
    const [used, taken, old] = [
      await all.invite(bea.token, "eve", "member"),
      await all.invite(bea.token, "two", "owner"),
      await all.invite(bea.token, "three", "owner"),
    ];
    expect((await all.accept(used.token, eve.token))[0]).toBe(200);
    await all.must(204, "DELETE", `${path}/invitations/${taken.id}`, ada.token);
    await identity.db.write([sql`update invitations set expires_at = created_at where id = ${old.id}`]);
    await all.must(204, "DELETE", all.member(bea), ada.token);
    expect(await all.statusOf(used, taken, old)).toEqual(["accepted", "revoked", "pending"]);
    expect(await all.lapsed()).toEqual([taken.id]);
  });

  test("the address can be invited again at once", async () => {
    await using all = await testLapse();
    const { identity, ada, bea } = all;
    await all.invite(bea.token, "second", "owner");
    await all.must(204, "DELETE", all.member(bea), ada.token);
    const again = await all.invite(ada.token, "second", "member");
    const second = await identity.person("second");
    expect((await all.accept(again.token, second.token))[0]).toBe(200);
    expect((await all.roles())["second"]).toBe("member");
  });

  test("accepting checks it by itself, whatever the row says", async () => {
    await using all = await testLapse();
    const { identity, bea } = all;
    const sent = await all.invite(bea.token, "second", "owner");
    const second = await identity.person("second");
    const where = sql`where user_id = ${bea.user.id}`;
    for (const [worse, better] of [
      [
        sql`update organization_members set role = 'admin' ${where}`,
        sql`update organization_members set role = 'owner' ${where}`,
      ],
      [
        sql`update users set is_active = 0 where id = ${bea.user.id}`,
        sql`update users set is_active = 1 where id = ${bea.user.id}`,
      ],
    ] as const) {
      await identity.db.write([worse]);
      expect(await all.accept(sent.token, second.token)).toEqual(invalid);
      await identity.db.write([better]);
    }
    expect(await all.statusOf(sent)).toEqual(["pending"]);
    expect((await all.accept(sent.token, second.token))[0]).toBe(200);
  });

  test("an inviter who is removed while the invitation is accepted gives nothing any more", async () => {
    await using all = await testLapse();
    const { identity, ada, bea } = all;
    const sent = await all.invite(bea.token, "second", "owner");
    const second = await identity.person("second");
    meanwhile(identity.db, () => identity.call("DELETE", all.member(bea), { token: ada.token }));
    expect(await all.accept(sent.token, second.token)).toEqual(invalid);
    expect(await all.roles()).not.toHaveProperty("second");
  });

  test("an invitation that is sent while its inviter is removed is refused", async () => {
    await using all = await testLapse();
    const { identity, ada, bea, path } = all;
    meanwhile(identity.db, () => identity.call("DELETE", all.member(bea), { token: ada.token }));
    await all.must(403, "POST", `${path}/invitations`, bea.token, { email: "second@example.com", role: "owner" });
    expect(await identity.db.query(sql`select 1 from invitations`)).toEqual([]);
  });
});

describe("an invitation ends with what is done to the invited person by hand", () => {
  test("added as member and removed, they do not come back as admin", async () => {
    await using all = await testLapse();
    const { ada, eve, path } = all;
    const sent = await all.invite(ada.token, "eve", "admin");
    await all.must(201, "POST", `${path}/members`, ada.token, { username: "eve", role: "member" });
    expect([await all.statusOf(sent), await all.lapsed()]).toEqual([["revoked"], [sent.id]]);
    expect(await all.accept(sent.token, eve.token)).toEqual([409, "already_member"]);
    await all.must(204, "DELETE", all.member(eve), ada.token);
    expect(await all.accept(sent.token, eve.token)).toEqual(invalid);
    expect(await all.roles()).not.toHaveProperty("eve");
    expect(await all.lapsed()).toHaveLength(1);
  });

  test("removed, they do not come back by one to the address that they took meanwhile", async () => {
    await using all = await testLapse();
    const { identity, ada, eve, root } = all;
    const address = (email: string) => all.must(200, "PATCH", `/auth/users/${eve.user.id}`, root, { email });
    const sent = await all.invite(ada.token, "eve", "admin");
    await address("other@example.com");
    await join(identity, ada, all.organization.id, eve, "member");
    expect(await all.statusOf(sent)).toEqual(["pending"]);
    await address("eve@example.com");
    // Each change of the address ended her sessions.
    const { access_token } = await identity.login("eve");
    expect(await all.accept(sent.token, access_token)).toEqual([409, "already_member"]);
    await all.must(204, "DELETE", all.member(eve), ada.token);
    expect([await all.statusOf(sent), await all.accept(sent.token, access_token)]).toEqual([["revoked"], invalid]);
  });

  test("removed, they come back by none to an address that they had then and take again later", async () => {
    await using all = await testLapse();
    const { identity, ada, eve, root } = all;
    const address = (email: string) => all.must(200, "PATCH", `/auth/users/${eve.user.id}`, root, { email });
    const sent = await all.invite(ada.token, "eve", "admin");
    await address("other@example.com");
    await join(identity, ada, all.organization.id, eve, "member");
    await all.must(204, "DELETE", all.member(eve), ada.token);
    await address("eve@example.com");
    const { access_token } = await identity.login("eve");
    expect([await all.statusOf(sent), await all.accept(sent.token, access_token)]).toEqual([["pending"], invalid]);
  });

  test("invited after they were removed, they come back as what they were invited", async () => {
    await using all = await testLapse();
    const { ada, linus } = all;
    await all.must(204, "DELETE", all.member(linus), ada.token);
    const sent = await all.invite(ada.token, "linus", "admin");
    expect((await all.accept(sent.token, linus.token))[0]).toBe(200);
    expect((await all.roles())["linus"]).toBe("admin");
  });

  test("invitations of other people, and those to other organizations, stay", async () => {
    await using all = await testLapse();
    const { identity, ada, eve, path } = all;
    const { body } = await identity.call<Organization>("POST", "/organizations", {
      token: ada.token,
      body: { name: "Looms" },
    });
    const sent = [
      await all.invite(ada.token, "eve", "member", `/organizations/${body.id}`),
      await all.invite(ada.token, "other", "member"),
    ];
    await all.must(201, "POST", `${path}/members`, ada.token, { username: "eve", role: "member" });
    await all.must(204, "DELETE", all.member(eve), ada.token);
    expect([await all.statusOf(...sent), await all.lapsed()]).toEqual([["pending", "pending"], []]);
  });

  test("added by hand while they accept, they are what they were added as", async () => {
    await using all = await testLapse();
    const { identity, ada, eve, path } = all;
    const sent = await all.invite(ada.token, "eve", "admin");
    meanwhile(identity.db, () =>
      identity.call("POST", `${path}/members`, { token: ada.token, body: { username: "eve", role: "member" } }),
    );
    expect(await all.accept(sent.token, eve.token)).toEqual(invalid);
    expect((await all.roles())["eve"]).toBe("member");
  });
});
