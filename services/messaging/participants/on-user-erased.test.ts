import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { nextMoment, rowsOf } from "@stoa/testing";
import { readConversation } from "../conversations/read.ts";
import type { Conversation } from "../conversations/schema.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { addParticipant, createGroup, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { leaveConversation } from "./remove.ts";

const erase = (world: World, { user_id }: Person) => world.apply("user.erased", { user_id, session_ids: [] });
const disable = (world: World, { user_id }: Person) => world.apply("user.disabled", { user_id, session_ids: [] });

/** A group whose others came one after the other. */
async function groupOf(world: World, owner: Person, ...others: Person[]): Promise<string> {
  const { id } = await createGroup(world.deps, owner, { title: "G", user_ids: [] });
  for (const { user_id } of others) {
    await addParticipant(world.deps, owner, id, user_id);
    await nextMoment();
  }
  return id;
}

const roles = async (world: World, id: string) =>
  Object.fromEntries(
    (
      await rowsOf<{ name: string; role: string }>(
        world.db,
        sql`select coalesce(d.username, 'former') as name, p.role from participants p join directory d on d.user_id = p.user_id
          where p.conversation_id = ${id}`,
      )
    ).map(({ name, role }) => [name, role]),
  );

const isTrashed = async (world: World, id: string) =>
  (await rowsOf(world.db, sql`select 1 from conversations where id = ${id} and trashed_at is not null`)).length === 1;

test("the groups of an erased user go to whoever has been in each longest, who is told and may manage them", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, dee] = await world.people("ann", "bob", "cid", "dee");
  await using service = await serve(world);
  const one = await groupOf(world, ann, cid, bob);
  const two = await groupOf(world, ann, bob, cid);
  const theirs = await groupOf(world, dee, ann, bob);
  const versions = [await readConversation(world.db, bob, one), await readConversation(world.db, bob, two)];
  await sendMessage(world.deps, ann, one, { content: "stays" });
  using stream = await listen(service, bob);
  await stream.until(({ event }) => event === "ready");
  const before = (await world.events()).length;
  await erase(world, ann);
  await stream.until(({ data }) => data["conversation_id"] === two);
  const told = stream.events.slice(1);
  expect(told.map(({ event, data }) => [event, data["conversation_id"], data["user_id"]]).toSorted()).toEqual(
    [
      ["conversation.owner_changed", one, cid.user_id],
      ["conversation.owner_changed", two, bob.user_id],
    ].toSorted(),
  );
  expect((await world.events()).slice(before)).toEqual(["conversation.owner_changed", "conversation.owner_changed"]);
  expect([await roles(world, one), await roles(world, two), await roles(world, theirs)]).toEqual([
    { former: "member", cid: "owner", bob: "member" },
    { former: "member", bob: "owner", cid: "member" },
    { former: "member", dee: "owner", bob: "member" },
  ]);
  const now = [await readConversation(world.db, bob, one), await readConversation(world.db, bob, two)];
  expect(now.map(({ version }) => version)).toEqual(versions.map(({ version }) => version + 1));
  const renamed = await service.call<Conversation>(cid, "PATCH", `/conversations/${one}`, { title: "Mine" });
  expect([renamed.status, renamed.json.last_message?.content]).toEqual([200, "stays"]);
});

test("a group in which nobody is left who was not erased goes to the trash; direct conversations stay", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const alone = await groupOf(world, ann);
  const both = await groupOf(world, ann, bob);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  await erase(world, ann);
  expect([await isTrashed(world, alone), await isTrashed(world, both)]).toEqual([true, false]);
  expect((await readConversation(world.db, bob, message.conversation_id)).last_message?.content).toBe("hello");
  const before = (await world.events()).length;
  await erase(world, bob);
  expect(await isTrashed(world, both)).toBe(true);
  expect((await world.events()).slice(before)).toEqual(["conversation.trashed"]);
  // Whoever leaves erased users behind leaves an empty group.
  const left = await groupOf(world, cid, await world.person("dee"));
  const [dee] = await rowsOf<{ user_id: string }>(world.db, sql`select user_id from directory where username = 'dee'`);
  await world.apply("user.erased", { user_id: dee?.user_id ?? "", session_ids: [] });
  await leaveConversation(world.deps, cid, left);
  expect(await isTrashed(world, left)).toBe(true);
});

test("someone who can log in inherits before someone who is disabled, who inherits before nobody", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const [one, two] = [await groupOf(world, ann, bob, cid), await groupOf(world, ann, bob)];
  await disable(world, bob);
  await erase(world, ann);
  expect(await roles(world, one)).toEqual({ former: "member", bob: "member", cid: "owner" });
  expect(await roles(world, two)).toEqual({ former: "member", bob: "owner" });
});

test("a disabled owner keeps their group; a superuser may hand it over, rename it and change who is in it", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const root = { ...(await world.person("root")), is_superuser: true };
  await using service = await serve(world);
  const id = await groupOf(world, ann, bob);
  await disable(world, ann);
  expect(await roles(world, id)).toEqual({ ann: "owner", bob: "member" });
  const put = async (as: Person, who: Person, body?: object) =>
    (await service.call(as, "PUT", `/conversations/${id}/participants/${who.user_id}`, body)).status;
  expect(await put(bob, bob, { role: "owner" })).toBe(403);
  expect((await service.call(root, "PATCH", `/conversations/${id}`, { title: "Kept" })).status).toBe(200);
  expect([await put(root, cid), await put(root, bob, { role: "owner" })]).toEqual([200, 200]);
  expect(await roles(world, id)).toEqual({ ann: "member", bob: "owner", cid: "member" });
  expect((await service.call(root, "DELETE", `/conversations/${id}/participants/${ann.user_id}`)).status).toBe(204);
  await world.apply("user.enabled", { user_id: ann.user_id });
  expect(await roles(world, id)).toEqual({ bob: "owner", cid: "member" });
});
