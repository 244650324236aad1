import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import { readConversation } from "../conversations/read.ts";
import { editMessage } from "../edits/edit.ts";
import type { Message } from "../messages/schema.ts";
import { countUnread } from "../messages/unread.ts";
import { leaveConversation } from "../participants/remove.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { startTalk } from "../test/task-talk.ts";
import { createGroup, sendDirect, sendMessage } from "../test/without-key.ts";
import { wordsInFile } from "../test/words-in-file.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { eraseMessages } from "./erase.ts";
import { expireMessages } from "./expire.ts";
import { requestErasure } from "./request-erasure.ts";

const never = () => false;
const erase = (world: World, stops = never) => eraseMessages(world.deps, stops);

/** Who wrote what there is, in order. */
async function texts(world: World): Promise<unknown[]> {
  return (await rowsOf<{ content: string | null }>(world.db, sql`select content from messages order by rowid`)).map(
    ({ content }) => content,
  );
}

const erasures = (world: World) => rowsOf(world.db, sql`select user_id from message_erasures`);

/** Many messages of someone in a group. */
async function many(world: World, person: Person, count: number): Promise<string> {
  const { id } = await createGroup(world.deps, person, { title: "G", user_ids: [] });
  const seqs = JSON.stringify(Array.from({ length: count }, (_, n) => n + 1));
  await world.db.write([
    sql`insert into messages (id, conversation_id, seq, type, sender_id, content, created_at, updated_at)
      select ${id} || value, ${id}, value, 'user', ${person.user_id}, 'x', '2026-01-01', '2026-01-01' from json_each(${seqs})`,
    sql`update conversations set last_seq = ${count} where id = ${id}`,
  ]);
  return id;
}

test("202: everything that one has sent goes, in every conversation, also in those that one has left; nothing else does", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hers" });
  await sendMessage(world.deps, bob, message.conversation_id, { content: "his", parent_id: message.id });
  const group = await createGroup(world.deps, bob, { title: "G", user_ids: [ann.user_id] });
  await sendMessage(world.deps, ann, group.id, { content: "hers too", client_id: "c" });
  await sendMessage(world.deps, bob, group.id, { content: "his too" });
  await sendMessage(world.deps, ann, conversationOf(await world.project(ann)), { content: "hers again" });
  await leaveConversation(world.deps, ann, group.id);
  await service.call(ann, "PATCH", `/messages/${message.id}`, { content: "hers, edited" });
  const answer = await service.call(ann, "POST", "/messages/erase");
  expect([answer.status, answer.json]).toEqual([202, null as never]);
  await erase(world);
  expect(await texts(world)).toEqual([null, "his", null, "his too", null]);
  expect(await rowsOf(world.db, sql`select 1 from message_edits`)).toEqual([]);
  expect(await rowsOf(world.db, sql`select 1 from messages where client_hash is not null`)).toEqual([]);
  expect((await service.call<Message>(bob, "GET", `/messages/${message.id}`)).json).toMatchObject({
    content: null,
    seq: 1,
    sender_id: ann.user_id,
    reply_count: 1,
  });
  // What is gone does not count as unread, and nothing that is there is lost from the count.
  expect((await readConversation(world.db, bob, message.conversation_id)).unread).toBe(0);
  expect((await countUnread(world.db, bob)).total).toBe(0);
  expect((await countUnread(world.db, ann)).total).toBe(1);
  expect(await erasures(world)).toEqual([]);
  const events = (await world.events()).slice(-5);
  expect(events).toEqual([
    "erasure.requested",
    "message.erased",
    "message.erased",
    "message.erased",
    "erasure.completed",
  ]);
  const rows = await rowsOf(world.db, sql`select distinct actor_id from journal where type = 'message.erased'`);
  expect(rows).toEqual([{ actor_id: ann.user_id }]);
});

test("nothing that was erased, or is too old, stands in the file: no text, no text of before, nothing of the index", async () => {
  await using world = await createWorld({ inFile: true });
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  const { conversation_id } = (await sendDirect(world.deps, bob, { recipient_id: ann.user_id, content: "oldword" }))
    .message;
  for (let n = 0; n < 30; n++) {
    const { message } = await sendMessage(world.deps, ann, id, { content: `${"filler ".repeat(n * 20)}erasedword` });
    await editMessage(world.deps, ann, message.id, { content: "laterword" });
    await sendMessage(world.deps, bob, id, { content: "keptword", parent_id: message.id });
  }
  const words = ["oldword", "erasedword", "laterword", "keptword"];
  expect(await wordsInFile(world, words)).toEqual(words);
  await requestErasure(world.deps, ann);
  await erase(world);
  await expireMessages({ ...world.deps, now: () => new Date(Date.now() + 2 * 86_400_000) }, { direct: 1 }, never);
  expect(await wordsInFile(world, words)).toEqual(["keptword"]);
  expect((await readConversation(world.db, ann, conversation_id)).last_message?.content).toBeNull();
});

test("what is sent after the request stays; asked again, that goes too", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const later = { ...world.deps, now: () => new Date(Date.now() + 60_000) };
  await sendMessage(world.deps, ann, id, { content: "before" });
  await requestErasure(world.deps, ann);
  await sendMessage(later, ann, id, { content: "after" });
  await erase(world);
  expect(await texts(world)).toEqual([null, "after"]);
  await requestErasure(later, ann);
  await requestErasure(later, ann);
  await eraseMessages(later, never);
  expect(await texts(world)).toEqual([null, null]);
  expect((await world.events()).filter((type) => type === "message.erased")).toHaveLength(2);
});

test("it goes in small writes, and one that is stopped or killed between them is continued, by several at once too", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const [first, second] = [await many(world, ann, 450), await many(world, ann, 50)];
  await many(world, bob, 10);
  const left = async () =>
    (
      await rowsOf<{ n: number }>(
        world.db,
        sql`select count(*) as n from messages where content is not null and sender_id = ${ann.user_id}`,
      )
    )[0]?.n;
  await requestErasure(world.deps, ann);
  let looks = 0;
  await erase(world, () => ++looks > 1);
  expect(await left()).toBe(300);
  meanwhile(world.db, () => Promise.reject(new Error("killed")));
  // Not `rejects`: its wait leaves no turn to the reader that scans off the event loop.
  expect(await erase(world).catch((error: Error) => error.message)).toBe("killed");
  expect([await left(), await erasures(world)]).toEqual([300, [{ user_id: ann.user_id }]]);
  await Promise.all([erase(world), erase(world)]);
  expect([await left(), await erasures(world)]).toEqual([0, []]);
  const gone = await rowsOf<{ data: string }>(world.db, sql`select data from journal where type = 'message.erased'`);
  const seqs = gone.map(({ data }) => JSON.parse(data) as { conversation_id: string; seqs: number[] });
  for (const [id, count] of [
    [first, 450],
    [second, 50],
  ] as const) {
    const those = new Set(seqs.filter(({ conversation_id }) => conversation_id === id).flatMap((each) => each.seqs));
    expect([...those].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  }
  expect((await world.events()).filter((type) => type === "erasure.completed")).toHaveLength(1);
});

test("a request that comes while one is done begins anew, and none of it is lost", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const id = await many(world, ann, 300);
  await requestErasure(world.deps, ann);
  const later = { ...world.deps, now: () => new Date(Date.now() + 60_000) };
  meanwhile(world.db, async () => {
    await sendMessage(later, ann, id, { content: "meanwhile" });
    await requestErasure(later, ann);
  });
  await erase(world);
  expect(await erasures(world)).toEqual([{ user_id: ann.user_id }]);
  await eraseMessages(later, never);
  expect((await texts(world)).filter((text) => text !== null)).toEqual([]);
  expect(await erasures(world)).toEqual([]);
});

test("whoever was notified of what is gone is notified no more, and their streams say so", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, bob, { title: "G", user_ids: [ann.user_id] });
  await sendMessage(world.deps, ann, id, { content: "@bob" });
  await requestErasure(world.deps, ann);
  await erase(world);
  expect(await rowsOf(world.db, sql`select 1 from notifications where user_id = ${bob.user_id}`)).toEqual([]);
  expect(await rowsOf(world.db, sql`select 1 from message_mentions`)).toEqual([]);
  expect((await countUnread(world.db, bob)).total).toBe(0);
  expect(await world.events()).toContain("notification.withdrawn");
});

test.each(["erased", "too old"])(
  "followers of a task are notified no more of talk that is %s, and their streams say so",
  async (how) => {
    await using talk = await startTalk();
    const { ann, bob, world, service } = talk;
    const task_id = await talk.task(talk.project_id, { by: bob });
    const days = how === "erased" ? 0 : 9;
    const then = { ...world.deps, now: () => new Date(Date.now() - days * 86_400_000) };
    await sendMessage(then, ann, talk.conversation_id, { content: "well?", task_id });
    const comments = () =>
      rowsOf<{ id: string }>(
        world.db,
        sql`select id from notifications where user_id = ${bob.user_id} and kind = 'commented'`,
      );
    const [told] = await comments();
    using his = await listen(service, bob);
    await his.until(({ event }) => event === "ready");
    if (how === "erased") {
      await requestErasure(world.deps, ann);
      await erase(world);
    } else {
      await expireMessages(world.deps, { project: 8 }, never);
    }
    expect(await comments()).toEqual([]);
    const { data } = await his.until(({ event }) => event === "notification.withdrawn");
    expect(data).toEqual({ user_id: bob.user_id, notification_ids: [told?.id] });
  },
);

test("streams tell those in the conversation which messages are gone, and the journal has no text", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "a very secret text" });
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  await requestErasure(world.deps, ann);
  await erase(world);
  const { data } = await his.until(({ event }) => event === "message.erased");
  expect(data).toEqual({ conversation_id: message.conversation_id, user_id: ann.user_id, seqs: [1] });
  const rows = await rowsOf<{ data: string }>(world.db, sql`select data from journal`);
  expect(rows.map((row) => row.data).join()).not.toContain("secret");
});
