import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { spellings } from "@stoa/mail/test/spellings";
import { rowsOf } from "@stoa/testing";
import { at, channel, team, user, version, world } from "./test/mattermost.ts";

test("people are found by the address that they have verified, before their username", async () => {
  await using it = await world("ann", "ada", "zoe");
  await it.db.write([
    sql`update directory set email = 'Ann@Example.com' where username = 'ada'`,
    sql`update directory set email = 'gone@example.com', erased_at = '2026-01-01' where username = 'zoe'`,
  ]);
  const said = (name: string, minute: number) => ({
    type: "post",
    post: { team: "acme", channel: "town", user: name, message: name, create_at: at(minute) },
  });
  const [annas, bobs] = [user("ann", ["town"]), user("bob", ["town"])];
  const zoes = { ...user("cid", ["town"]), user: { ...user("cid", ["town"]).user, email: "gone@example.com" } };
  const others = ["ann", "ada", "bob", "cid"].map(said);
  it.write([version, team, channel("town"), annas, user("ada", ["town"]), bobs, zoes, ...others]);
  const { code, lines } = await it.bring();
  // The file's Ada is someone else: the one here has the address of the file's Ann.
  expect([code, lines[0]]).toEqual([0, "unknown users: ada, bob, cid"]);
  expect(await rowsOf(it.db, sql`select sender_id, content from messages`)).toEqual([
    { sender_id: it.id("ada"), content: "ann" },
  ]);
});

test.each(spellings)("an address of the file is a user's in any spelling: %s", async (_, kept, typed) => {
  await using it = await world("ann");
  await it.db.write([sql`update directory set email = ${kept} where username = 'ann'`]);
  const bobs = { ...user("bob", ["town"]), user: { ...user("bob", ["town"]).user, email: typed } };
  it.write([
    version,
    team,
    channel("town"),
    bobs,
    { type: "post", post: { team: "acme", channel: "town", user: "bob", message: "I am Ann here.", create_at: at(1) } },
  ]);
  const { code } = await it.bring();
  expect([code, await rowsOf(it.db, sql`select sender_id from messages`)]).toEqual([0, [{ sender_id: it.id("ann") }]]);
});
