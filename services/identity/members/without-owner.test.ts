import { expect, test } from "bun:test";
import type { Organization } from "../organizations/schema.ts";
import { testOrganization } from "../test/organizations.ts";

test("the last active owner can be disabled and erased; a superuser finds the organization and names another", async () => {
  await using all = await testOrganization();
  const { identity, ada, grace, root, path } = all;
  const names = async (token: string, without_owner: boolean) => {
    const query = `?without_owner=${without_owner}&count=true`;
    const { body } = await identity.call<{ items: Organization[]; total: number }>("GET", `/organizations${query}`, {
      token,
    });
    expect(body.total).toBe(body.items.length);
    return body.items.map(({ name }) => name);
  };
  expect([await names(root, true), await names(root, false)]).toEqual([[], ["Engines"]]);
  const user = `/auth/users/${ada.user.id}`;
  expect((await identity.call("PUT", `${user}/disable`, { token: root })).status).toBe(200);
  expect([await names(root, true), await names(root, false)]).toEqual([["Engines"], []]);
  await identity.call("PUT", `${user}/enable`, { token: root });
  expect(await names(root, true)).toEqual([]);

  expect((await identity.call("DELETE", user, { token: root })).status).toBe(204);
  expect(await names(root, true)).toEqual(["Engines"]);
  expect(await names(grace.token, true)).toEqual(["Engines"]);
  // An admin still makes no owners, and names nobody: a superuser does.
  const to = `${path}/members/${grace.user.id}`;
  const owner = { body: { role: "owner" } };
  expect((await identity.call("PATCH", to, { token: grace.token, ...owner })).status).toBe(403);
  expect((await identity.call("PATCH", to, { token: root, ...owner })).status).toBe(200);
  expect(await names(root, true)).toEqual([]);
});
