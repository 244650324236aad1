import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailsTo } from "../test/mails.ts";
import type { Invitation } from "./schema.ts";

async function inviter(identity: TestIdentity, name: string, organization = "Engines", token?: string) {
  const bearer = token ?? (await identity.person(name)).token;
  const { body } = await identity.call<{ id: string }>("POST", "/organizations", {
    token: bearer,
    body: { name: organization },
  });
  const path = `/organizations/${body.id}/invitations`;
  const invite = (email: string) =>
    identity.call<Invitation>("POST", path, { token: bearer, body: { email, role: "member" } });
  const many = async (count: number, from = 0) => {
    const statuses = [];
    for (let i = from; i < from + count; i++) statuses.push((await invite(`new${i}@example.com`)).status);
    return statuses;
  };
  return { invite, many, path, token: bearer };
}

test("an inviter with an unverified address sends five a day, whatever becomes of them", async () => {
  await using identity = await testIdentity();
  const { many, invite, path, token } = await inviter(identity, "ada");
  expect(await many(5)).toEqual(Array<number>(5).fill(201));
  const { body } = await identity.call<{ items: Invitation[] }>("GET", path, { token });
  for (const { id } of body.items) await identity.call("DELETE", `${path}/${id}`, { token });
  const refused = await invite("more@example.com");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "86400"]);
  expect(await mailsTo(identity.db, "more@example.com")).toEqual([]);
});

test("one with a verified address sends 50, and a superuser as many as they like", async () => {
  await using identity = await testIdentity();
  const ada = await inviter(identity, "ada");
  await identity.db.write([sql`update users set email_verified = 1 where username = 'ada'`]);
  expect(await ada.many(51)).toEqual([...Array<number>(50).fill(201), 429]);
  const root = await inviter(identity, "root", "Looms", await identity.superuser());
  expect(await root.many(52)).toEqual(Array<number>(52).fill(201));
});

test("a stranger's five invitations of an address do not keep others from inviting it", async () => {
  await using identity = await testIdentity();
  const eve = await inviter(identity, "eve");
  await identity.db.write([sql`update users set email_verified = 1 where username = 'eve'`]);
  for (const email of Array<string>(5).fill("Élodie@example.com")) {
    const { status, body } = await eve.invite(email);
    expect(status).toBe(201);
    await identity.call("DELETE", `${eve.path}/${body.id}`, { token: eve.token });
  }
  expect((await eve.invite("élodie@example.com")).status).toBe(429);
  const ada = await inviter(identity, "ada");
  expect((await ada.invite("élodie@example.com")).status).toBe(201);
});

test("no name makes a link in the subject or the text", async () => {
  await using identity = await testIdentity();
  const { invite } = await inviter(identity, "ada", "Your mailbox is full. Renew it at https://evil.example/renew");
  expect((await invite("new@example.com")).status).toBe(201);
  const [mail] = await mailsTo(identity.db, "new@example.com");
  for (const part of [mail?.subject, mail?.text, mail?.html]) {
    expect(part).not.toMatch(/evil\.example|https:\/\/evil/);
    expect(part).toContain("evil example renew");
  }
});

test("erasure deletes the mail of an invitation that was sent to somebody whose name has more than ASCII", async () => {
  await using identity = await testIdentity();
  const { invite } = await inviter(identity, "ada");
  await invite("Élodie@example.com");
  await identity.db.write([sql`update mails set status = 'sent' where kind = 'invitation'`]);
  const body = { email: "élodie@example.com", username: "elodie", password: "seven herons by the weir" };
  await identity.call("POST", "/auth/register", { body });
  const { access_token: token } = await identity.login("elodie");
  const erased = await identity.call("DELETE", "/auth/me", { token, body: { password: body.password } });
  expect(erased.status).toBe(204);
  expect(await mailsTo(identity.db, "Élodie@example.com")).toEqual([]);
});
