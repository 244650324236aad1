import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { system } from "@stoa/events";
import { testIdentity } from "../test/harness.ts";
import { findUser } from "./find-user.ts";
import type { ExternalPerson } from "./identity.ts";

const jane: ExternalPerson = {
  origin: "https://corp.example.com",
  guid: "g-1",
  account_id: '"acme"',
  username: "jdoe",
  name: "jdoe",
  verified_email: null,
};

/** Looks all of them up in step: each has read before any has written. */
async function atOnce(people: readonly ExternalPerson[], before?: string) {
  const identity = await testIdentity();
  const user = before === undefined ? undefined : await identity.register(before);
  if (user) await identity.db.write([sql`update users set email_verified = 1 where id = ${user.id}`]);
  const found = await Promise.all(people.map(async (person) => (await findUser(identity.deps, system, person)).user));
  const events = async (type: string) => (await identity.events(type)).length;
  return {
    user,
    found,
    ids: new Set(found.map(({ id }) => id)),
    events,
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

test("one person who comes many times at once becomes one user", async () => {
  await using all = await atOnce(Array.from({ length: 6 }, () => jane));
  expect(all.ids.size).toBe(1);
  expect(all.found[0]).toMatchObject({ username: "jdoe" });
  // The first superuser is the other one.
  expect(await all.events("user.registered")).toBe(2);
});

test("one person who comes many times at once is linked once", async () => {
  const person = { ...jane, verified_email: "ada@example.com" };
  await using all = await atOnce(
    Array.from({ length: 6 }, () => person),
    "ada",
  );
  expect([...all.ids]).toEqual([all.user?.id ?? ""]);
  expect(await all.events("user.external_linked")).toBe(1);
});

test("of two people with one address and one name at once, each is someone, and one has the address", async () => {
  const person = { ...jane, verified_email: "new@example.com" };
  await using all = await atOnce([person, { ...person, guid: "g-2" }]);
  expect(all.ids.size).toBe(2);
  expect(all.found.map(({ email }) => email).sort()).toEqual(["new@example.com", null]);
  expect(all.found.map(({ username }) => username).toSorted()[0]).toBe("jdoe");
});

test("of two people with a local user's address at once, one is linked", async () => {
  const person = { ...jane, verified_email: "ada@example.com" };
  await using all = await atOnce([person, { ...person, guid: "g-2" }], "ada");
  expect(all.ids.size).toBe(2);
  expect(await all.events("user.external_linked")).toBe(1);
});

test("the same guid of another directory is someone else", async () => {
  await using all = await atOnce([jane, { ...jane, origin: "https://other.example.com" }]);
  expect(all.ids.size).toBe(2);
});

test("a failure that comes from no race is not tried again", async () => {
  await using identity = await testIdentity();
  await identity.db.write([sql`drop table external_identities`]);
  await expect(findUser(identity.deps, system, jane)).rejects.toThrow("no such table");
});
