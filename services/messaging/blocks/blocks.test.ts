import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http/list/index";
import { meanwhile, rowsOf } from "@stoa/testing";
import type { Conversation } from "../conversations/schema.ts";
import { leaveConversation } from "../participants/remove.ts";
import { group } from "../test/group.ts";
import { type Service, serve } from "../test/service.ts";
import { createGroup, openDirect, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person } from "../test/world.ts";
import { blockUser } from "./block.ts";
import { notBlocked } from "./condition.ts";
import type { Block } from "./schema.ts";
import { unblockUser } from "./unblock.ts";

const blocked = { code: "blocked" };
const refused = { status: 403, json: { error_code: "blocked" } };

const list = (service: Service, person: Person, query = "") =>
  service.call<Page<Block>>(person, "GET", `/blocks${query}`);

test("who is blocked is listed, latest first, for the one who blocked them alone; repeating changes nothing", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const put = (person: Person, other: Person) => service.call<Block>(person, "PUT", `/blocks/${other.user_id}`);
  const first = await put(ann, bob);
  expect(first).toMatchObject({
    status: 200,
    json: { user_id: bob.user_id, username: "bob", full_name: null, created_at: expect.any(String) },
  });
  expect((await put(ann, bob)).json).toEqual(first.json);
  await put(ann, cid);
  const names = async (person: Person) => (await list(service, person)).json.items.map(({ username }) => username);
  expect([await names(ann), await names(bob), await names(cid)]).toEqual([["cid", "bob"], [], []]);
  const page = await list(service, ann, "?limit=1&count=true");
  expect([page.json.total, page.json.items.length]).toEqual([2, 1]);
  expect((await list(service, ann, `?limit=1&cursor=${page.json.next_cursor}`)).json).toMatchObject({
    items: [{ username: "bob" }],
    next_cursor: null,
  });
  expect((await list(service, bob, `?cursor=${page.json.next_cursor}`)).json).toMatchObject({
    error_code: "invalid_cursor",
  });
  for (const _ of [1, 2]) {
    expect((await service.call(ann, "DELETE", `/blocks/${bob.user_id}`)).status).toBe(204);
  }
  expect(await names(ann)).toEqual(["cid"]);
  expect((await world.events()).filter((type) => type.startsWith("block."))).toEqual([
    "block.added",
    "block.added",
    "block.removed",
  ]);
});

test("404 for someone who does not exist or was erased, 422 for oneself", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  for (const method of ["PUT", "DELETE"]) {
    for (const id of [newId(), bob.user_id, "nobody"]) {
      expect((await service.call(ann, method, `/blocks/${id}`)).status).toBe(404);
    }
  }
  expect(await service.call(ann, "PUT", `/blocks/${ann.user_id}`)).toMatchObject({
    status: 422,
    json: { error_code: "validation_failed", errors: [{ path: "/user_id" }] },
  });
});

test("neither can write to the other, in a new direct conversation or the one there is, until the block is taken back", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  await blockUser(world.deps, ann, bob.user_id);
  await blockUser(world.deps, cid, bob.user_id);
  const before = await world.events();
  for (const [from, to] of [
    [ann, bob],
    [bob, ann],
    [bob, cid],
    [cid, bob],
  ] as const) {
    const json = { recipient_id: to.user_id, content: "x" };
    expect(await service.call(from, "POST", "/messages", json)).toMatchObject(refused);
  }
  const path = `/conversations/${message.conversation_id}`;
  for (const person of [ann, bob]) {
    expect(await service.call(person, "POST", `${path}/messages`, { content: "x" })).toMatchObject(refused);
    // An edit would be a message by another door; taking back what one has said is not.
    const edit = await service.call(person, "PATCH", `/messages/${message.id}`, { content: "x" });
    expect(edit).toMatchObject(person === ann ? refused : { status: 403, json: { error_code: "forbidden" } });
    // What was said before can be read.
    expect((await service.call(person, "GET", path)).status).toBe(200);
    expect((await service.call(person, "GET", `${path}/messages`)).status).toBe(200);
  }
  const open = (from: Person, to: Person) =>
    service.call(from, "POST", "/conversations", { type: "direct", participant_ids: [to.user_id] });
  expect((await open(bob, ann)).status).toBe(200);
  expect(await open(bob, cid)).toMatchObject(refused);
  expect(await open(cid, bob)).toMatchObject(refused);
  expect(await world.events()).toEqual(before);
  await unblockUser(world.deps, ann, bob.user_id);
  expect((await service.call(bob, "POST", "/messages", { recipient_id: ann.user_id, content: "2" })).status).toBe(201);
});

test("a direct conversation that someone left does not come back to them while one has blocked the other", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  await leaveConversation(world.deps, bob, conversation.id);
  await blockUser(world.deps, ann, bob.user_id);
  const before = await world.events();
  await expect(sendDirect(world.deps, bob, { recipient_id: ann.user_id, content: "x" })).rejects.toMatchObject(blocked);
  expect(await world.events()).toEqual(before);
});

test("in groups both may write; a blocked person makes no group with the other and adds them to none", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { service, conversation } = await group(world, bob, cid);
  await using _ = service;
  await blockUser(world.deps, ann, bob.user_id);
  const make = (participant_ids: string[]) =>
    service.call(bob, "POST", "/conversations", { type: "group", participant_ids });
  const participant = `/conversations/${conversation.id}/participants/${ann.user_id}`;
  const before = await world.events();
  expect(await make([cid.user_id, ann.user_id])).toMatchObject(refused);
  expect(await service.call(bob, "PUT", participant)).toMatchObject(refused);
  expect(await world.events()).toEqual(before);
  // The other way it is her own will.
  const hers = await createGroup(world.deps, ann, { title: null, user_ids: [bob.user_id] });
  await sendMessage(world.deps, bob, hers.id, { content: "1" });
  await sendMessage(world.deps, ann, hers.id, { content: "2" });
  await unblockUser(world.deps, ann, bob.user_id);
  expect((await service.call<Conversation>(bob, "PUT", participant)).json.participants).toHaveLength(3);
});

test("a block that comes right before a message or an addition is written counts", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const block = () =>
    world.db.write([
      sql`insert into blocks (user_id, blocked_id, created_at) values (${ann.user_id}, ${bob.user_id}, '2026-01-01')`,
    ]);
  meanwhile(world.db, block);
  await expect(sendMessage(world.deps, bob, conversation.id, { content: "x" })).rejects.toMatchObject(blocked);
  await unblockUser(world.deps, ann, bob.user_id);
  meanwhile(world.db, block);
  await expect(createGroup(world.deps, bob, { title: null, user_ids: [ann.user_id] })).rejects.toMatchObject(blocked);
});

test("whoever blocks the same person twice at once has one block and one event", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await Promise.all([1, 2, 3].map(() => blockUser(world.deps, ann, bob.user_id)));
  expect(await world.events()).toEqual(["block.added"]);
});

test("an erased user blocks nobody and is blocked by nobody", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await blockUser(world.deps, ann, bob.user_id);
  await blockUser(world.deps, bob, cid.user_id);
  await blockUser(world.deps, ann, cid.user_id);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  expect(await rowsOf(world.db, sql`select user_id, blocked_id from blocks`)).toEqual([
    { user_id: ann.user_id, blocked_id: cid.user_id },
  ]);
});

test("what a blocked person says notifies nobody who has blocked them, and everybody else", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, cid.user_id] });
  await blockUser(world.deps, ann, bob.user_id);
  const { message } = await sendMessage(world.deps, ann, id, { content: "1" });
  await sendMessage(world.deps, bob, id, { content: "@ann @cid", parent_id: message.id });
  const kinds = async (person: Person) =>
    (await rowsOf<{ kind: string }>(world.db, sql`select kind from notifications where user_id = ${person.user_id}`))
      .map(({ kind }) => kind)
      .filter((kind) => kind !== "added");
  expect([await kinds(ann), await kinds(cid)]).toEqual([[], ["mentioned"]]);
  await unblockUser(world.deps, ann, bob.user_id);
  await sendMessage(world.deps, bob, id, { content: "@ann" });
  expect(await kinds(ann)).toEqual(["mentioned"]);
});

test("the condition that someone has not blocked another holds one way", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await blockUser(world.deps, ann, bob.user_id);
  const holds = async (user: Person, by: Person) =>
    (await rowsOf<{ it: number }>(world.db, sql`select ${notBlocked(user.user_id, by.user_id)} as it`))[0]?.it;
  expect([await holds(ann, bob), await holds(bob, ann)]).toEqual([0, 1]);
});
