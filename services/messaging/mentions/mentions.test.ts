import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Conversation } from "../conversations/schema.ts";
import type { Message, Unread } from "../messages/schema.ts";
import type { Notification } from "../notifications/schema.ts";
import { group } from "../test/group.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";

const sender =
  (service: Service, id: string) =>
  async (as: Person, content: string, more: object = {}) => {
    const answer = await service.call<Message>(as, "POST", `/conversations/${id}/messages`, { content, ...more });
    expect(answer.status).toBe(201);
    return answer.json;
  };
const listOf = async (service: Service, as: Person) =>
  (await service.call<{ items: Notification[] }>(as, "GET", "/notifications")).json.items;
const kindsOf = async (service: Service, as: Person, but = "added") =>
  (await listOf(service, as))
    .map(({ kind }) => kind)
    .filter((kind) => kind !== but)
    .sort();
const mentionsOf = async (service: Service, as: Person, id: string) =>
  (await service.call<Conversation>(as, "GET", `/conversations/${id}`)).json.mentions;

test("a message mentions the participants whom it names, and they are notified once", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid.");
  const { service, conversation } = await group(world, ann, bob, cid);
  await using _ = service;
  const send = sender(service, conversation.id);
  const sent = await send(ann, "@Bob, @bob and @cid.: look at `@ann`, says @ann");
  const everyone = [ann.user_id, bob.user_id, cid.user_id].sort();
  expect(sent.mentions.toSorted()).toEqual(everyone);
  expect((await service.call<Message>(bob, "GET", `/messages/${sent.id}`)).json.mentions.toSorted()).toEqual(everyone);
  for (const path of [`/conversations/${conversation.id}/messages`, "/messages"]) {
    const { items } = (await service.call<{ items: Message[] }>(cid, "GET", path)).json;
    expect(items.map(({ mentions }) => mentions.toSorted())).toEqual([everyone]);
  }
  const seen = (await service.call<Conversation>(bob, "GET", `/conversations/${conversation.id}`)).json;
  expect(seen.last_message?.mentions.toSorted()).toEqual(everyone);
  expect(await kindsOf(service, ann)).toEqual([]);
  expect(await kindsOf(service, cid)).toEqual(["mentioned"]);
  expect((await listOf(service, bob))[0]).toEqual({
    id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
    kind: "mentioned",
    actor_id: ann.user_id,
    object: { type: "message", id: sent.id, title: "G" },
    is_read: false,
    created_at: sent.created_at,
  });
});

test("who takes no part is neither mentioned nor told, and the longest name that somebody has is meant", async () => {
  await using world = await createWorld();
  const [ann, bob, longer, eve] = await world.people("ann", "bob", "bob.", "eve");
  const { service, conversation } = await group(world, ann, bob, longer);
  await using _ = service;
  const send = sender(service, conversation.id);
  expect((await send(ann, "@eve @nobody")).mentions).toEqual([]);
  expect((await send(ann, "ask @bob.")).mentions).toEqual([longer.user_id]);
  expect((await send(ann, "ask @bob..")).mentions).toEqual([longer.user_id]);
  expect((await send(ann, "ask @bob")).mentions).toEqual([bob.user_id]);
  expect(await kindsOf(service, eve)).toEqual([]);
});

test("mentions that are not read are counted, in the conversation and in all", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  const { id } = conversation;
  const send = sender(service, id);
  await send(ann, "@bob one");
  await send(ann, "two");
  const last = await send(ann, "@bob three");
  const unread = async () => (await service.call<Unread>(bob, "GET", "/messages/unread")).json;
  expect(await mentionsOf(service, bob, id)).toBe(2);
  expect(await unread()).toEqual({ total: 3, conversations: [{ id, unread: 3, mentions: 2 }] });
  const listed = (await service.call<{ items: Conversation[] }>(bob, "GET", "/conversations")).json;
  expect(listed.items[0]?.mentions).toBe(2);
  await service.call(bob, "POST", `/conversations/${id}/read`, { seq: 1 });
  expect(await unread()).toEqual({ total: 2, conversations: [{ id, unread: 2, mentions: 1 }] });
  await service.call(bob, "PUT", `/messages/${last.id}/read`);
  expect([await mentionsOf(service, bob, id), await mentionsOf(service, ann, id)]).toEqual([0, 0]);
});

test("an edit that removes a mention takes count and notification back; one that adds one notifies once", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { service, conversation } = await group(world, ann, bob, cid);
  await using _ = service;
  const { id } = conversation;
  const sent = await sender(service, id)(ann, "@bob look");
  const edit = async (content: string) => {
    const { status } = await service.call(ann, "PATCH", `/messages/${sent.id}`, { content });
    expect(status).toBe(200);
  };
  const [told] = await listOf(service, bob);
  await edit("@bob look here");
  expect((await listOf(service, bob))[0]).toEqual(told as Notification);
  await edit("@cid look");
  expect((await service.call<Message>(bob, "GET", `/messages/${sent.id}`)).json.mentions).toEqual([cid.user_id]);
  expect([await kindsOf(service, bob), await kindsOf(service, cid)]).toEqual([[], ["mentioned"]]);
  expect([await mentionsOf(service, bob, id), await mentionsOf(service, cid, id)]).toEqual([0, 1]);
  await edit("@cid and @bob look");
  await edit("@cid and @bob, look");
  expect([await kindsOf(service, bob), await kindsOf(service, cid)]).toEqual([["mentioned"], ["mentioned"]]);
  await edit("never mind");
  expect([await kindsOf(service, bob), await kindsOf(service, cid)]).toEqual([[], []]);
  expect([await mentionsOf(service, bob, id), await mentionsOf(service, cid, id)]).toEqual([0, 0]);
  const events = (await world.events()).filter((type) => type.startsWith("notification."));
  // Both were added to the group by one command; then bob was mentioned, cid instead of him, and bob again.
  expect(events).toEqual([
    "notification.created",
    "notification.created",
    "notification.created",
    "notification.withdrawn",
    "notification.created",
    "notification.created",
    "notification.withdrawn",
    "notification.withdrawn",
  ]);
});

/** A group of so many others. */
async function large(world: World, owner: Person, others: number) {
  const made = await group(world, owner);
  const ids = Array.from({ length: others }, () => crypto.randomUUID());
  await world.db.write([
    sql`insert into participants (conversation_id, user_id, role, joined_at)
      select ${made.conversation.id}, value, 'member', '2026-01-01T00:00:00.000Z' from json_each(${JSON.stringify(ids)})`,
  ]);
  return { ...made, ids };
}

test("@all mentions everybody else in a group of up to 100; beyond, only its owner's does", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation, ids } = await large(world, ann, 98);
  await using _ = service;
  await service.call(ann, "PUT", `/conversations/${conversation.id}/participants/${bob.user_id}`);
  const send = sender(service, conversation.id);
  expect((await send(bob, "@all lunch")).mentions.toSorted()).toEqual([...ids, ann.user_id].sort());
  expect(await kindsOf(service, ann)).toEqual(["mentioned"]);
  const cid = await world.person("cid");
  await service.call(ann, "PUT", `/conversations/${conversation.id}/participants/${cid.user_id}`);
  expect((await send(bob, "@all lunch, @cid")).mentions).toEqual([cid.user_id]);
  expect((await send(ann, "@all lunch")).mentions.toSorted()).toEqual([...ids, bob.user_id, cid.user_id].sort());
  expect(await kindsOf(service, ann)).toEqual(["mentioned"]);
});

test("@all is nobody between two people, and in a project everybody in it", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const direct = await service.call<Message>(ann, "POST", "/messages", {
    recipient_id: bob.user_id,
    content: "@all or just @bob",
  });
  expect(direct.json.mentions).toEqual([bob.user_id]);
  expect((await listOf(service, bob))[0]?.object.title).toBe("Direct message");
  const project_id = await world.project(ann, bob);
  const found = await service.call<{ items: Conversation[] }>(ann, "GET", `/conversations?project_id=${project_id}`);
  const [conversation] = found.json.items;
  expect((await sender(service, conversation?.id ?? "")(bob, "@all")).mentions).toEqual([ann.user_id]);
  const crowd = Array.from({ length: 99 }, () => crypto.randomUUID());
  await world.db.write([
    sql`insert into participants (conversation_id, user_id, role, joined_at)
      select ${conversation?.id ?? ""}, value, 'member', '2026-01-01T00:00:00.000Z' from json_each(${JSON.stringify(crowd)})`,
  ]);
  expect((await sender(service, conversation?.id ?? "")(bob, "@all")).mentions).toEqual([]);
  expect((await sender(service, conversation?.id ?? "")(ann, "@all")).mentions).toHaveLength(100);
});

test("who wrote what is answered is notified once, even when the answer mentions them; not for their own", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { service, conversation } = await group(world, ann, bob, cid);
  await using _ = service;
  const send = sender(service, conversation.id);
  const first = await send(ann, "first");
  await send(bob, "answer", { parent_id: first.id });
  await send(bob, "@ann answer", { parent_id: first.id });
  await send(ann, "my own answer", { parent_id: first.id });
  expect(await kindsOf(service, ann)).toEqual(["mentioned", "replied"]);
  const his = await send(cid, "his");
  await service.call(cid, "DELETE", `/conversations/${conversation.id}`);
  await send(bob, "too late", { parent_id: his.id });
  expect(await listOf(service, cid)).toEqual([]);
});

test("the same message sent again, and the one under the same client_id, notify once", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  const path = `/conversations/${conversation.id}/messages`;
  const message = { content: "@bob look", client_id: "c-1" };
  const first = await service.call<Message>(ann, "POST", path, message, { "idempotency-key": "k" });
  const again = await service.call<Message>(ann, "POST", path, message, { "idempotency-key": "k" });
  const client = await service.call<Message>(ann, "POST", path, message);
  expect([first, again, client].map(({ json }) => [json.id, json.mentions])).toEqual(
    Array.from({ length: 3 }, () => [first.json.id, [bob.user_id]]),
  );
  expect(await kindsOf(service, bob)).toEqual(["mentioned"]);
});

test("a message that is deleted mentions nobody, and nobody is notified of it any more", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  const { id } = conversation;
  const send = sender(service, id);
  const his = await send(bob, "what?");
  const sent = await send(ann, "@bob this", { parent_id: his.id });
  const answer = await send(ann, "and that", { parent_id: his.id });
  expect([await kindsOf(service, bob), await mentionsOf(service, bob, id)]).toEqual([["mentioned", "replied"], 1]);
  await service.call(ann, "DELETE", `/messages/${sent.id}`);
  expect([await kindsOf(service, bob), await mentionsOf(service, bob, id)]).toEqual([["replied"], 0]);
  expect((await service.call<Message>(bob, "GET", `/messages/${sent.id}`)).json.mentions).toEqual([]);
  await service.call(ann, "DELETE", `/messages/${answer.id}`);
  expect(await kindsOf(service, bob)).toEqual([]);
  expect((await world.events()).slice(-4)).toEqual([
    "message.deleted",
    "notification.withdrawn",
    "message.deleted",
    "notification.withdrawn",
  ]);
});

test("who has blocked the sender is mentioned and counted, and not notified", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { service, conversation } = await group(world, ann, bob);
  await using _ = service;
  const { id } = conversation;
  const send = sender(service, id);
  const his = await send(bob, "what?");
  await service.call(bob, "PUT", `/blocks/${ann.user_id}`);
  expect((await send(ann, "@bob this", { parent_id: his.id })).mentions).toEqual([bob.user_id]);
  expect([await kindsOf(service, bob), await mentionsOf(service, bob, id)]).toEqual([[], 1]);
  // One way: they who are blocked are notified all the same.
  await send(bob, "@ann that");
  expect(await kindsOf(service, ann)).toEqual(["mentioned"]);
});
