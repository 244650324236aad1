import { expect, test } from "bun:test";
import { testOrganization } from "../test/organizations.ts";
import type { DirectoryEntry } from "./schema.ts";

type Page = { items: DirectoryEntry[]; next_cursor: string | null; total?: number };

/** An organization of ada, grace and linus, outside of which eve is; each with a full name. */
async function testDirectory() {
  const all = await testOrganization();
  const { identity, ada, grace, linus, eve } = all;
  const names = [
    [ada, "Ada Lovelace"],
    [grace, "Grace Hopper"],
    [linus, "Linus 100%"],
    [eve, "Eve Lovelace"],
  ] as const;
  for (const [{ token }, full_name] of names) {
    await identity.call("PATCH", "/auth/me", { token, body: { full_name } });
  }
  return {
    ...all,
    find: async (q: string, token: string, more = "") => {
      const path = `/auth/directory?q=${encodeURIComponent(q)}${more}`;
      return (await identity.call<Page>("GET", path, { token })).body;
    },
    names: async (q: string, token: string) => {
      const { body } = await identity.call<Page>("GET", `/auth/directory?q=${encodeURIComponent(q)}`, { token });
      return body.items.map(({ username }) => username);
    },
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

test("colleagues are found by how their username or a word of their name begins, in any case", async () => {
  await using all = await testDirectory();
  const { linus, ada, names, find } = all;
  expect(await find("GRA", linus.token)).toEqual({
    items: [{ id: all.grace.user.id, username: "grace", full_name: "Grace Hopper" }],
    next_cursor: null,
  });
  expect(await names("hop", linus.token)).toEqual(["grace"]);
  expect(await names("love", linus.token)).toEqual(["ada"]);
  expect(await names("race", linus.token)).toEqual([]);
  expect(await names("ada love", ada.token)).toEqual(["ada"]);
});

test("others are found by their exact username alone", async () => {
  await using all = await testDirectory();
  const { eve, linus, names } = all;
  expect(await names("ev", linus.token)).toEqual([]);
  expect(await names("Eve Lovelace", linus.token)).toEqual([]);
  expect(await names("EVE", linus.token)).toEqual(["eve"]);
  expect(await names("gra", eve.token)).toEqual([]);
  expect(await names("grace", eve.token)).toEqual(["grace"]);
});

test("who left is a colleague no more; who was disabled is found by nobody", async () => {
  await using all = await testDirectory();
  const { identity, grace, linus, root, path, names } = all;
  await identity.call("DELETE", `${path}/members/${grace.user.id}`, { token: grace.token });
  expect(await names("gra", linus.token)).toEqual([]);
  expect(await names("lin", grace.token)).toEqual([]);
  await identity.call("PUT", `/auth/users/${grace.user.id}/disable`, { token: root });
  expect(await names("grace", linus.token)).toEqual([]);
});

test("what stands for any character elsewhere is itself", async () => {
  await using all = await testDirectory();
  const { ada, names } = all;
  expect(await names("%", ada.token)).toEqual([]);
  expect(await names("_", ada.token)).toEqual([]);
  expect(await names("100%", ada.token)).toEqual(["linus"]);
});

test("pages go by username; a cursor belongs to its search", async () => {
  await using all = await testDirectory();
  const { identity, ada, eve, path, find } = all;
  await identity.call("POST", `${path}/members`, { token: ada.token, body: { username: "eve", role: "member" } });
  const first = await find("love", ada.token, "&limit=1&count=true");
  expect(first).toMatchObject({ items: [{ username: "ada" }], total: 2 });
  const second = await find("love", ada.token, `&limit=1&cursor=${first.next_cursor}`);
  expect(second).toMatchObject({ items: [{ username: "eve" }], next_cursor: null });
  for (const [q, token] of [
    ["lov", ada.token],
    ["love", eve.token],
  ] as const) {
    expect(await find(q, token, `&cursor=${first.next_cursor}`)).toMatchObject({ error_code: "invalid_cursor" });
  }
  expect(await find("", ada.token)).toMatchObject({ error_code: "validation_failed" });
});
