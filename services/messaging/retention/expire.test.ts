import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import { readConversation } from "../conversations/read.ts";
import { listMessages } from "../messages/list.ts";
import type { Message } from "../messages/schema.ts";
import { countUnread } from "../messages/unread.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { createGroup, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { expireMessages, type RetentionDays } from "./expire.ts";

const DAY = 86_400_000;
const never = () => false;

/** What was sent so many days ago. */
const sentAgo = (days: number) => ({ now: () => new Date(Date.now() - days * DAY) });

const expire = (world: World, days: RetentionDays, stops = never) => expireMessages(world.deps, days, stops);

async function contents(world: World, person: Person, id: string) {
  return (await listMessages(world.deps, person, id, {})).items.map(({ content }) => content);
}

const expired = (world: World) =>
  rowsOf<{ data: string }>(world.db, sql`select data from journal where type = 'message.expired' order by seq`);

test("messages older than their type of conversation keeps them lose their text and keep their place; others stay", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  const project = conversationOf(await world.project(ann, bob));
  const direct = (await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "0" })).message
    .conversation_id;
  for (const id of [group.id, project, direct]) {
    for (const days of [40, 20, 10, 1]) {
      await sendMessage({ ...world.deps, ...sentAgo(days) }, ann, id, { content: `${days}` });
    }
  }
  await expire(world, {});
  await expire(world, { group: 15, project: 30 });
  expect(await contents(world, bob, group.id)).toEqual([null, null, "10", "1"]);
  expect(await contents(world, bob, project)).toEqual([null, "20", "10", "1"]);
  expect(await contents(world, bob, direct)).toEqual(["0", "40", "20", "10", "1"]);
  // They do not count as unread any more, and the next message goes on counting.
  expect((await readConversation(world.db, bob, group.id)).unread).toBe(2);
  expect((await countUnread(world.db, bob)).conversations.find(({ id }) => id === project)?.unread).toBe(3);
  expect((await sendMessage(world.deps, ann, group.id, { content: "next" })).message.seq).toBe(5);
  const [first] = (await listMessages(world.deps, bob, group.id, {})).items;
  expect(first).toMatchObject({ seq: 1, content: null, deleted_at: expect.any(String), sender_id: ann.user_id });
  expect((await expired(world)).map(({ data }) => JSON.parse(data))).toEqual([
    { conversation_id: group.id, from_seq: 1, to_seq: 2 },
    { conversation_id: project, from_seq: 1, to_seq: 1 },
  ]);
});

test("it goes on where it was: what was deleted stays as it is, what gets old later goes later, and nothing twice", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  await using service = await serve(world);
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const sent: Message[] = [];
  for (const days of [9, 8, 7, 6, 5]) {
    sent.push((await sendMessage({ ...world.deps, ...sentAgo(days) }, ann, id, { content: `${days}` })).message);
  }
  await service.call(ann, "DELETE", `/messages/${sent[0]?.id}`);
  const [deleted] = (await listMessages(world.deps, ann, id, {})).items;
  for (const days of [8.5, 8.5, 6.5, 6.5]) await expireMessages(world.deps, { group: days }, never);
  const { items } = await listMessages(world.deps, ann, id, {});
  expect(items.map(({ content, version }) => [content, version])).toEqual([
    [null, 2],
    [null, 2],
    [null, 2],
    ["6", 1],
    ["5", 1],
  ]);
  expect(items[0]).toEqual(deleted);
  expect((await expired(world)).map(({ data }) => JSON.parse(data))).toEqual([
    { conversation_id: id, from_seq: 2, to_seq: 3 },
  ]);
});

test("pins do not keep messages, and their edits and reactions go too", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const { message } = await sendMessage({ ...world.deps, ...sentAgo(9) }, ann, id, { content: "secret plan" });
  await world.db.write([
    sql`update messages set pinned_at = '2026-01-01' where id = ${message.id}`,
    sql`insert into message_edits (message_id, version, content, created_at, replaced_at)
      values (${message.id}, 1, 'secret draft', '2026-01-01', '2026-01-01')`,
  ]);
  await expire(world, { group: 8 });
  expect(await rowsOf(world.db, sql`select content, pinned_at, client_hash from messages`)).toEqual([
    { content: null, pinned_at: null, client_hash: null },
  ]);
  expect(await rowsOf(world.db, sql`select 1 from message_edits`)).toEqual([]);
});

test("many messages go in several writes, and one that is killed or stopped between them is continued", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const seqs = JSON.stringify(Array.from({ length: 950 }, (_, n) => n + 1));
  await world.db.write([
    sql`insert into messages (id, conversation_id, seq, type, sender_id, content, created_at, updated_at)
      select 'm' || value, ${id}, value, 'user', ${ann.user_id}, 'old', '2026-01-01', '2026-01-01' from json_each(${seqs})`,
    sql`update conversations set last_seq = 950 where id = ${id}`,
  ]);
  const left = async () =>
    (await rowsOf<{ n: number }>(world.db, sql`select count(*) as n from messages where content is not null`))[0]?.n;
  let looks = 0;
  await expire(world, { group: 8 }, () => ++looks > 2);
  expect(await left()).toBe(550);
  meanwhile(world.db, () => Promise.reject(new Error("killed")));
  await expect(expire(world, { group: 8 })).rejects.toThrow("killed");
  expect(await left()).toBe(550);
  // Two instances at once do each message once.
  await Promise.all([expire(world, { group: 8 }), expire(world, { group: 8 })]);
  expect(await left()).toBe(0);
  const ranges = (await expired(world)).map(({ data }) => JSON.parse(data));
  expect(ranges.map(({ from_seq, to_seq }) => [from_seq, to_seq])).toEqual([
    [1, 200],
    [201, 400],
    [401, 600],
    [601, 800],
    [801, 950],
  ]);
  expect(await rowsOf(world.db, sql`select distinct version from messages`)).toEqual([{ version: 2 }]);
});

test("all conversations are looked at, however many there are", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const ids = JSON.stringify(Array.from({ length: 2_500 }, (_, n) => `c${String(n).padStart(5, "0")}`));
  await world.db.write([
    sql`insert into conversations (id, type, last_seq, created_at, updated_at)
      select value, 'group', key % 500 = 0, '2026-01-01', '2026-01-01' from json_each(${ids})`,
    sql`insert into messages (id, conversation_id, seq, type, sender_id, content, created_at, updated_at)
      select 'm' || id, id, 1, 'user', ${ann.user_id}, 'old', '2026-01-01', '2026-01-01'
      from conversations where last_seq = 1`,
  ]);
  await expire(world, { group: 8 });
  expect(await expired(world)).toHaveLength(5);
});

test("streams tell those in the conversation which messages are gone", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  await using service = await serve(world);
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  await sendMessage({ ...world.deps, ...sentAgo(9) }, ann, id, { content: "old" });
  using his = await listen(service, bob);
  using hers = await listen(service, eve);
  for (const stream of [his, hers]) await stream.until(({ event }) => event === "ready");
  await expire(world, { group: 8 });
  const { data } = await his.until(({ event }) => event === "message.expired");
  expect(data).toEqual({ conversation_id: id, from_seq: 1, to_seq: 1 });
  await createGroup(world.deps, eve, { title: "hers", user_ids: [] });
  await hers.until(({ event }) => event === "conversation.created");
  expect(hers.events.map(({ event }) => event)).toEqual(["ready", "conversation.created"]);
});
