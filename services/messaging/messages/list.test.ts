import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { planOf, rowsOf } from "@stoa/testing";
import { markRead } from "../conversations/mark-read.ts";
import { readConversation } from "../conversations/read.ts";
import { createGroup, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { listMessages } from "./list.ts";
import { listMyMessages } from "./list-mine.ts";
import { readUpTo } from "./mark-read.ts";
import type { ConversationMessagesQuery } from "./schema.ts";
import { countUnread } from "./unread.ts";

async function filled(world: World, ann: Person, bob: Person, count: number): Promise<string> {
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  for (let n = 1; n <= count; n++) await sendMessage(world.deps, ann, group.id, { content: `${n}` });
  return group.id;
}

const seqs = (page: { items: readonly { seq: number }[] }) => page.items.map(({ seq }) => seq);

test("the latest page, or the one next to a seq, always ascending", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 12);
  const list = async (query: object) => seqs(await listMessages(world.deps, bob, id, { limit: 3, ...query }));
  expect(await list({})).toEqual([10, 11, 12]);
  expect(await list({ before_seq: 10 })).toEqual([7, 8, 9]);
  expect(await list({ before_seq: 1 })).toEqual([]);
  expect(await list({ after_seq: 10 })).toEqual([11, 12]);
  expect(await list({ after_seq: 0 })).toEqual([1, 2, 3]);
  expect(await list({ around_seq: 6 })).toEqual([5, 6, 7]);
  expect(await list({ around_seq: 6, limit: 4 })).toEqual([5, 6, 7, 8]);
  expect(await list({ around_seq: 12 })).toEqual([10, 11, 12]);
  expect(await list({ around_seq: 900 })).toEqual([10, 11, 12]);
  expect(await list({ around_seq: 1 })).toEqual([1, 2, 3]);
  expect(await list({ around_seq: 0 })).toEqual([1, 2, 3]);
  expect(await list({ around_seq: 5, limit: 100 })).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  await expect(list({ around_seq: 5, skip: 1 })).rejects.toMatchObject({ code: "validation_failed" });
  await expect(list({ before_seq: 3, after_seq: 1 })).rejects.toMatchObject({ code: "validation_failed" });
});

test("cursors go on in the page's direction until there is nothing more", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 7);
  const walk = async (query: { after_seq?: number }) => {
    const pages: number[][] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listMessages(world.deps, bob, id, { limit: 3, ...query, ...(cursor && { cursor }) });
      pages.push(seqs(page));
      cursor = page.next_cursor;
    }
    return pages;
  };
  expect(await walk({})).toEqual([[5, 6, 7], [2, 3, 4], [1]]);
  expect(await walk({ after_seq: 1 })).toEqual([
    [2, 3, 4],
    [5, 6, 7],
  ]);
  const { next_cursor } = await listMessages(world.deps, bob, id, { limit: 3 });
  await expect(
    listMessages(world.deps, bob, id, { limit: 3, after_seq: 1, cursor: next_cursor ?? "" }),
  ).rejects.toMatchObject({ code: "invalid_cursor" });
  expect(await listMessages(world.deps, bob, id, { limit: 1, skip: 2, count: true })).toMatchObject({
    items: [{ seq: 5 }],
    total: 7,
  });
});

test("replies can be read alone; they are in the conversation too", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 2);
  const [first] = (await listMessages(world.deps, ann, id, {})).items;
  const parent_id = first?.id ?? "";
  await sendMessage(world.deps, bob, id, { content: "re", parent_id });
  expect(seqs(await listMessages(world.deps, ann, id, { parent_id: [parent_id] }))).toEqual([3]);
  const { id: other = "" } = (await listMessages(world.deps, ann, id, {})).items[1] ?? {};
  await sendMessage(world.deps, ann, id, { content: "re", parent_id: other });
  expect(seqs(await listMessages(world.deps, ann, id, { parent_id: [other, parent_id] }))).toEqual([3, 4]);
  expect(seqs(await listMessages(world.deps, ann, id, { parent_id: [other, newId()] }))).toEqual([4]);
  expect(seqs(await listMessages(world.deps, ann, id, {}))).toEqual([1, 2, 3, 4]);
});

test("every page can be left on both sides, and from any page both walks meet everything once", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 11);
  const page = (query: object) => listMessages(world.deps, bob, id, { limit: 3, ...query });
  const expected = Array.from({ length: 11 }, (_, n) => n + 1);
  for (const query of [
    {},
    { around_seq: 1 },
    { around_seq: 2 },
    { around_seq: 6 },
    { around_seq: 11 },
    { before_seq: 5 },
    { before_seq: 12 },
    { before_seq: 1 },
    { after_seq: 4 },
    { after_seq: 0 },
    { after_seq: 11 },
    { skip: 4 },
  ]) {
    const first = await page(query);
    const met = [...seqs(first)];
    // The cursor that led to a page leads on from it in the same way.
    for (const side of ["next_cursor", "prev_cursor"] as const) {
      const { skip: _, ...filters } = query as { skip?: number };
      for (let cursor = first[side]; cursor !== null; ) {
        const next = await page({ ...filters, cursor });
        expect(next.items.length).toBeGreaterThan(0);
        if (met.length > 0) expect(next.prev_cursor).not.toBeNull();
        met.push(...seqs(next));
        cursor = next.next_cursor;
      }
    }
    expect([query, met.toSorted((a, b) => a - b)]).toEqual([query, expected]);
  }
});

test("a page knows whether there is more on either side of it", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 5);
  const sides = async (query: object) => {
    const { next_cursor, prev_cursor } = await listMessages(world.deps, bob, id, { limit: 2, ...query });
    return [next_cursor !== null, prev_cursor !== null];
  };
  expect(await sides({})).toEqual([true, false]);
  expect(await sides({ limit: 5 })).toEqual([false, false]);
  expect(await sides({ before_seq: 3 })).toEqual([false, true]);
  expect(await sides({ after_seq: 3 })).toEqual([false, true]);
  expect(await sides({ after_seq: 0 })).toEqual([true, false]);
  expect(await sides({ around_seq: 3 })).toEqual([true, true]);
  expect(await sides({ around_seq: 1 })).toEqual([false, true]);
  expect(await sides({ around_seq: 5 })).toEqual([true, false]);
  expect(await sides({ pinned: true })).toEqual([false, false]);
});

test("someone who is not in a conversation may not read it; one that is unknown is not found", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const id = await filled(world, ann, bob, 1);
  const [message] = (await listMessages(world.deps, ann, id, {})).items;
  const refused = { code: "forbidden" };
  const unknown = { code: "not_found" };
  await expect(listMessages(world.deps, eve, id, {})).rejects.toMatchObject(refused);
  await expect(listMessages(world.deps, ann, newId(), {})).rejects.toMatchObject(unknown);
  await expect(listMyMessages(world.deps, ann, { conversation_id: newId() })).rejects.toMatchObject(unknown);
  await expect(readUpTo(world.deps, ann, newId())).rejects.toMatchObject(unknown);
  await expect(listMyMessages(world.deps, eve, { conversation_id: id })).rejects.toMatchObject(refused);
  await expect(readUpTo(world.deps, eve, message?.id ?? "")).rejects.toMatchObject(refused);
  await expect(markRead(world.deps, eve, id, 1)).rejects.toMatchObject(refused);
});

test("one's messages: of all conversations, of one, with one person, or only the unread; newest first", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const send = (from: Person, to: Person, content: string) =>
    sendDirect(world.deps, from, { recipient_id: to.user_id, content });
  await send(ann, bob, "1");
  await send(cid, ann, "2");
  await send(bob, ann, "3");
  const { message } = await send(cid, ann, "4");
  const list = async (query: object) =>
    (await listMyMessages(world.deps, ann, query)).items.map(({ content }) => content);
  expect(await list({})).toEqual(["4", "3", "2", "1"]);
  expect(await list({ conversation_id: message.conversation_id })).toEqual(["4", "2"]);
  expect(await list({ with_user_id: [bob.user_id] })).toEqual(["3", "1"]);
  expect(await list({ with_user_id: [bob.user_id, "none", cid.user_id] })).toEqual(["4", "3", "2", "1"]);
  for (const nobody of [[newId()], ["me"], ["none"], ["me", "none"]]) {
    expect(await list({ with_user_id: nobody })).toEqual([]);
  }
  expect((await listMyMessages(world.deps, ann, { with_user_id: ["none"], count: true })).total).toBe(0);
  expect(await list({ unread: true })).toEqual(["4", "3", "2"]);
  expect(await list({ unread: true, with_user_id: [bob.user_id] })).toEqual(["3"]);
  await expect(list({ with_user_id: [bob.user_id], conversation_id: newId() })).rejects.toMatchObject({
    code: "validation_failed",
  });
  const first = await listMyMessages(world.deps, ann, { limit: 3, count: true });
  const second = await listMyMessages(world.deps, ann, { limit: 3, cursor: first.next_cursor ?? "" });
  const both = { limit: 1, with_user_id: [bob.user_id, cid.user_id] };
  const { next_cursor } = await listMyMessages(world.deps, ann, both);
  expect(await list({ ...both, limit: 3, cursor: next_cursor })).toEqual(["3", "2", "1"]);
  await expect(list({ limit: 1, with_user_id: [bob.user_id], cursor: next_cursor })).rejects.toMatchObject({
    code: "invalid_cursor",
  });
  expect([first.total, second.items.map(({ content }) => content), second.next_cursor]).toEqual([4, ["1"], null]);
  await readUpTo(world.deps, ann, message.id);
  expect(await list({ unread: true })).toEqual(["3"]);
});

test("a read mark never moves back, and never past the end", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 5);
  expect(await markRead(world.deps, bob, id, 3)).toMatchObject({ read_seq: 3, unread: 2 });
  expect(await markRead(world.deps, bob, id, 1)).toMatchObject({ read_seq: 3, unread: 2 });
  expect(await markRead(world.deps, bob, id, 900)).toMatchObject({ read_seq: 5, unread: 0 });
  const moved = await world.db.query(sql`select data ->> '$.seq' as seq, typeof(data ->> '$.seq') as kind from journal
    where type = 'read.moved' order by journal.seq`);
  expect(moved).toEqual([
    { seq: 3, kind: "integer" },
    { seq: 5, kind: "integer" },
  ]);
});

test("is_read says whether the recipient has read it in a direct conversation, and whether the user has in a group", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" });
  const seen = async (person: Person, id: string) =>
    (await listMessages(world.deps, person, id, {})).items.map(({ is_read }) => is_read);
  expect([await seen(ann, message.conversation_id), await seen(bob, message.conversation_id)]).toEqual([
    [false],
    [false],
  ]);
  expect(await readUpTo(world.deps, bob, message.id)).toMatchObject({ is_read: true });
  expect([await seen(ann, message.conversation_id), await seen(bob, message.conversation_id)]).toEqual([
    [true],
    [true],
  ]);
  const group = await filled(world, ann, bob, 1);
  expect([await seen(ann, group), await seen(bob, group)]).toEqual([[true], [false]]);
});

test("unread counts what others said past the mark, and neither the system's nor deleted messages", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const id =
    (await listMessages(world.deps, ann, await filled(world, ann, bob, 3), {})).items[0]?.conversation_id ?? "";
  const task = { task_id: newId(), project_id, key: "APO-1", title: "Write", version: 1, changes: [] };
  await world.apply("task.completed", task, ann);
  await world.db.write([sql`update messages set deleted_at = '2026-01-01' where conversation_id = ${id} and seq = 2`]);
  expect(await countUnread(world.db, bob)).toEqual({ total: 2, conversations: [{ id, unread: 2, mentions: 0 }] });
  expect((await readConversation(world.db, bob, id)).unread).toBe(2);
  await sendMessage(world.deps, bob, id, { content: "caught up" });
  expect(await countUnread(world.db, bob)).toEqual({ total: 0, conversations: [] });
});

test("the replies to several messages, and what several tasks' talk is, are sought by their own indexes", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const id = await filled(world, ann, bob, 1);
  const sought = async (query: ConversationMessagesQuery) => {
    const steps = await planOf(world.db, (db) => listMessages({ ...world.deps, db }, ann, id, query));
    return steps.flatMap((step) => /SEARCH m USING INDEX (\w+)/.exec(step)?.[1] ?? []);
  };
  for (const ids of [[newId()], [newId(), newId()]]) {
    expect(await sought({ parent_id: ids })).toEqual(["messages_parent"]);
    expect((await sought({ task_id: ids }))[0]).toStartWith("messages_task");
    expect(await sought({ task_id: [...ids, "none"] })).toEqual(["messages_seq"]);
  }
});

test("counting unread messages reads an index of the few that do not count", async () => {
  await using world = await createWorld();
  const plan = await rowsOf<{ detail: string }>(
    world.db,
    sql`explain query plan select count(*) from messages u
    where u.conversation_id = ${"c"} and u.seq > ${1} and (u.type = 'system' or u.deleted_at is not null)`,
  );
  expect(plan.map(({ detail }) => detail).join()).toContain("messages_uncounted");
});
