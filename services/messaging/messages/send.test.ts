import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { fingerprint } from "@stoa/http/canonical-json";
import { rowsOf } from "@stoa/testing";
import { readConversation } from "../conversations/read.ts";
import { createGroup, openDirect, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { listMessages } from "./list.ts";

test("200 messages sent at once are numbered 1 to 200, and so is the journal's order", async () => {
  await using world = await createWorld();
  const people = await world.people("ann", "bob", "cid", "dee");
  const [ann, ...others] = people;
  const group = await createGroup(world.deps, ann, { title: "All", user_ids: others.map((p) => p.user_id) });
  const sent = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      sendMessage(world.deps, people[n % 4] ?? ann, group.id, { content: `message ${n}` }),
    ),
  );
  expect(sent.map(({ message }) => message.seq).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 200 }, (_, n) => n + 1),
  );
  const order = await rowsOf<{ seq: number }>(
    world.db,
    sql`select data ->> '$.seq' as seq from journal where type = 'message.sent' order by journal.seq`,
  );
  expect(order.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  const { last_seq } = await readConversation(world.db, ann, group.id);
  expect(last_seq).toBe(200);
});

test("the same client_id sent many times at once is one message", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const sent = await Promise.all(
    Array.from({ length: 20 }, () =>
      sendMessage(world.deps, ann, conversation.id, { content: "once", client_id: "c-1" }),
    ),
  );
  expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
  expect(sent.filter(({ replayed }) => !replayed)).toHaveLength(1);
  const { last_seq } = await readConversation(world.db, ann, conversation.id);
  expect(last_seq).toBe(1);
});

test("a client_id used again with other content is refused", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "one", client_id: "c" });
  await expect(
    sendMessage(world.deps, ann, message.conversation_id, { content: "two", client_id: "c" }),
  ).rejects.toMatchObject({
    code: "idempotency_key_reused",
  });
  // The other's client ids are another matter.
  const theirs = await sendMessage(world.deps, bob, message.conversation_id, { content: "two", client_id: "c" });
  expect(theirs.replayed).toBe(false);
});

test("a text with other blanks at its ends is other content", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const send = (client_id: string, content: string) =>
    sendMessage(world.deps, ann, conversation.id, { content, client_id });
  for (const [client_id, first, second] of [
    ["c", "once", "once "],
    ["d", " once", "once"],
    ["e", "once\n", "once"],
  ] as const) {
    const { message } = await send(client_id, first);
    await expect(send(client_id, second)).rejects.toMatchObject({ code: "idempotency_key_reused" });
    expect(await send(client_id, first)).toEqual({ message, replayed: true });
  }
});

test("what an earlier version sent without the blanks at its ends is the same message when it is sent again with them", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "one", client_id: "c" });
  const again = (content: string) => sendMessage(world.deps, ann, message.conversation_id, { content, client_id: "c" });
  const earlier = (content: string) =>
    world.db.write([
      sql`update messages set client_hash = ${fingerprint({ content, parent_id: null })} where id = ${message.id}`,
    ]);
  await earlier("one");
  expect(await again("  one\n")).toEqual({ message, replayed: true });
  expect(await again("one")).toEqual({ message, replayed: true });
  await expect(again(" on e")).rejects.toMatchObject({ code: "idempotency_key_reused" });
  await earlier(" one");
  expect(await again(" one")).toEqual({ message, replayed: true });
  await expect(again("one")).rejects.toMatchObject({ code: "idempotency_key_reused" });
});

test("a message shows what the contract says", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  expect(message).toEqual({
    id: expect.any(String),
    conversation_id: expect.any(String),
    task_id: null,
    status: "complete",
    seq: 1,
    type: "user",
    sender_id: ann.user_id,
    recipient_id: bob.user_id,
    content: "hello",
    is_read: false,
    parent_id: null,
    reply_count: 0,
    client_id: null,
    reactions: [],
    mentions: [],
    pinned_at: null,
    version: 1,
    created_at: expect.any(String),
    updated_at: message.created_at,
    edited_at: null,
    deleted_at: null,
  });
});

test("sending moves one's own mark and nobody else's", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" });
  const id = message.conversation_id;
  await sendMessage(world.deps, ann, id, { content: "2" });
  expect(await readConversation(world.db, bob, id)).toMatchObject({ read_seq: 0, unread: 2 });
  await sendMessage(world.deps, bob, id, { content: "3" });
  expect(await readConversation(world.db, bob, id)).toMatchObject({ read_seq: 3, unread: 0 });
  expect(await readConversation(world.db, ann, id)).toMatchObject({ read_seq: 2, unread: 1 });
});

test("a reply is counted with the message it answers; one to a message elsewhere is refused", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" });
  const elsewhere = await sendDirect(world.deps, ann, { recipient_id: cid.user_id, content: "x" });
  const reply = await sendMessage(world.deps, bob, message.conversation_id, { content: "2", parent_id: message.id });
  expect(reply.message.parent_id).toBe(message.id);
  const page = await listMessages(world.deps, ann, message.conversation_id, {});
  expect(page.items.map((item) => item.reply_count)).toEqual([1, 0]);
  for (const parent_id of [elsewhere.message.id, newId()]) {
    await expect(
      sendMessage(world.deps, bob, message.conversation_id, { content: "3", parent_id }),
    ).rejects.toMatchObject({ code: "not_found" });
  }
});

test("someone who is not in a conversation cannot send to it; one that is unknown is not found", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  for (const [id, code] of [
    [conversation.id, "forbidden"],
    [newId(), "not_found"],
  ] as const) {
    await expect(sendMessage(world.deps, cid, id, { content: "?" })).rejects.toMatchObject({ code });
  }
  expect(await world.events()).toEqual(["conversation.created"]);
});

test("a direct message to oneself or to nobody is refused", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await expect(sendDirect(world.deps, ann, { recipient_id: ann.user_id, content: "me" })).rejects.toMatchObject({
    code: "validation_failed",
    errors: [{ path: "/recipient_id" }],
  });
  const long_ago = "01890000-0000-7000-8000-000000000000";
  await expect(sendDirect(world.deps, ann, { recipient_id: long_ago, content: "?" })).rejects.toMatchObject({
    code: "not_found",
  });
});
