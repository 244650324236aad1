import { describe, expect, test } from "bun:test";
import { employee, testCorporate } from "../test/corporate.ts";
import { password } from "../test/harness.ts";

describe("an e-mail", () => {
  const verified = { email: "Ada@Example.com", email_verified: true };

  test("that both sides verified links the local user; an event says so, and they log in there from now on", async () => {
    await using all = await testCorporate(employee("jdoe", verified));
    const { user } = await all.identity.person("ada");
    await all.verify(user.id);
    const { body } = await all.logIn("jdoe");
    expect(body).toMatchObject({ user_id: user.id, username: "ada" });
    const [linked] = await all.identity.events("user.external_linked");
    expect(linked).toMatchObject({ actor_id: user.id, aggregate_id: user.id });
    expect(JSON.parse(String(linked?.["data"]))).toEqual({ user_id: user.id, origin: all.origin });
    expect((await all.logIn("jdoe")).body.user_id).toBe(user.id);
    const local = { body: { username: "ada", password } };
    expect((await all.identity.call("POST", "/auth/login", local)).body.error_code).toBe("invalid_credentials");
    expect(await all.identity.events("user.external_linked")).toHaveLength(1);
  });

  test.each([
    ["here alone", true, { ...verified, email_verified: false }],
    ["there alone", false, verified],
    ["nowhere", false, { email: "ada@example.com" }],
  ])("verified %s links nobody: a new user, without it", async (_where, here, there) => {
    await using all = await testCorporate(employee("jdoe", there));
    const { user } = await all.identity.person("ada");
    if (here) await all.verify(user.id);
    const { body } = await all.logIn("jdoe");
    expect(body.user_id).not.toBe(user.id);
    expect(await all.me(body.access_token)).toMatchObject({ email: null, email_verified: false });
    expect(await all.identity.events("user.external_linked")).toEqual([]);
  });

  test("that the directory verified and nobody has is the new user's; one that it did not verify is not", async () => {
    await using all = await testCorporate(
      employee("one", verified),
      employee("two", { email: "two@example.com", email_verified: false }),
    );
    const { body: one } = await all.logIn("one");
    expect(await all.me(one.access_token)).toMatchObject({ email: "Ada@Example.com", email_verified: true });
    const { body: two } = await all.logIn("two");
    expect(await all.me(two.access_token)).toMatchObject({ email: null });
  });

  test("that changed hands links nobody else: the next one with it is someone new", async () => {
    await using all = await testCorporate(employee("jdoe", verified), employee("successor", verified));
    const { user } = await all.identity.person("ada");
    await all.verify(user.id);
    expect((await all.logIn("jdoe")).body.user_id).toBe(user.id);
    const { body } = await all.logIn("successor");
    expect(body.user_id).not.toBe(user.id);
    expect(await all.me(body.access_token)).toMatchObject({ email: null });
  });

  test("of two people with one address at once, one is linked", async () => {
    await using all = await testCorporate(employee("jdoe", verified), employee("other", verified));
    const { user } = await all.identity.person("ada");
    await all.verify(user.id);
    const answers = await Promise.all([all.logIn("jdoe"), all.logIn("other")]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.filter(({ body }) => body.user_id === user.id)).toHaveLength(1);
  });
});
