import { expect, test } from "bun:test";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "./schema.ts";

const typo = "ada@exmaple.com";

async function mistyped(identity: TestIdentity) {
  const { token } = await identity.person("ada");
  const change = (body: object) => identity.call<User>("PATCH", "/auth/me", { token, body });
  expect((await change({ email: typo })).body).toMatchObject({ pending_email: typo });
  return { token, change, ticket: await mailedToken(identity.db, typo, "email_change") };
}

test.each([{ pending_email: null }, { email: "ada@example.com" }, { email: "ada@example.com", pending_email: null }])(
  "200: %j takes the new address back, and the present one is verified",
  async (body) => {
    await using identity = await testIdentity();
    const { token, change, ticket } = await mistyped(identity);
    const taken = await change(body);
    expect([taken.status, taken.body.pending_email, taken.body.version]).toEqual([200, null, 3]);
    const used = await identity.call("POST", "/auth/email/verify", { body: { token: ticket } });
    expect(used.body.error_code).toBe("invalid_ticket");
    expect((await identity.call("POST", "/auth/email/verification", { token })).status).toBe(202);
    expect((await mailsTo(identity.db, "ada@example.com")).at(-1)?.kind).toBe("email_verification");
    expect(await identity.events("user.email_change_withdrawn")).toHaveLength(1);
    expect((await change(body)).body.version).toBe(3);
  },
);

test("200: a user sent back as they were fetched changes nothing, and neither does a name alone", async () => {
  await using identity = await testIdentity();
  const { token, change } = await mistyped(identity);
  const { body: me } = await identity.call<User>("GET", "/auth/me", { token });
  expect((await change(me)).body).toEqual(me);
  expect((await change({ full_name: "Ada" })).body).toMatchObject({ pending_email: typo });
  expect((await change({ full_name: "Countess", pending_email: null })).body).toMatchObject({
    full_name: "Countess",
    pending_email: null,
  });
});

test("200: a new address with the null of the fetched user is asked for", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const body = { email: typo, pending_email: null };
  expect((await identity.call<User>("PATCH", "/auth/me", { token, body })).body).toMatchObject({ pending_email: typo });
});

test("422: the address that waits is set by email alone", async () => {
  await using identity = await testIdentity();
  const { change } = await mistyped(identity);
  expect((await change({ pending_email: "other@example.com" })).status).toBe(422);
});
