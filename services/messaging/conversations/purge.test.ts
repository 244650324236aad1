import { describe, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { leaveConversation } from "../participants/remove.ts";
import { assisted } from "../test/assisted.ts";
import { startTalk, type Talk } from "../test/task-talk.ts";
import { wordsInFile } from "../test/words-in-file.ts";
import type { Person } from "../test/world.ts";
import { conversationOf } from "./of-project.ts";
import { purgeConversations } from "./purge.ts";

/** Tables that hold something of a conversation, and how many rows each has. */
const held = [
  "conversations",
  "participants",
  "messages",
  "message_edits",
  "reactions",
  "message_mentions",
  "notifications",
  "task_follows",
  "assistants",
  "answers",
] as const;

async function rows({ world }: Pick<Talk, "world">): Promise<Record<string, number>> {
  const counted = held.map((table) => `(select count(*) from ${table}) as ${table}`);
  return (await rowsOf<Record<string, number>>(world.db, raw(`select ${counted.join(", ")}`)))[0] ?? {};
}

const found = async ({ service }: Talk, by: Person, q: string) =>
  (await service.call<{ items: Message[] }>(by, "GET", `/messages/search?q=${q}`)).json.items.map(
    ({ content }) => content,
  );

/** Everything that may be in a project's conversation. Returns an answer about a task, and the message that it answers. */
async function fill(talk: Talk, task_id: string) {
  const { service, ann, bob, conversation_id } = talk;
  const send = async (by: Person, body: object) => {
    const sent = await service.call<Message>(by, "POST", `/conversations/${conversation_id}/messages`, body);
    expect(sent.status).toBe(201);
    return sent.json.id;
  };
  const first = await send(ann, { content: "secretword one @bob" });
  const answer = await send(bob, { content: "secretword two", parent_id: first, task_id });
  await service.call(ann, "PATCH", `/messages/${first}`, { content: "secretword three @bob" });
  await service.call(bob, "PUT", `/messages/${first}/reactions/${encodeURIComponent("👍")}`);
  await service.call(bob, "PUT", `/messages/${first}/pin`);
  await service.call(bob, "POST", `/messages/${first}/report`, { reason: "?" });
  return { first, answer };
}

const about = ({ project_id }: Talk, version: number) => ({ project_id, name: "Apollo", version });

test("a project that is restored before it is purged has its conversation back as it was", async () => {
  await using talk = await startTalk();
  const { world, service, ann, bob, project_id, conversation_id } = talk;
  await fill(talk, await talk.task(project_id));
  const [before, read] = [
    await rows(talk),
    () => service.call<object>(bob, "GET", `/conversations/${conversation_id}/messages`),
  ];
  const messages = (await read()).json;
  await world.apply("project.trashed", about(talk, 2), ann);
  expect((await read()).status).toBe(404);
  await purgeConversations({ ...world.deps, now: () => new Date(Date.now() + 400 * 86_400_000) });
  await world.apply("project.restored", about(talk, 3), ann);
  expect([await rows(talk), (await read()).json]).toEqual([before, messages]);
  expect(await found(talk, bob, "secretword")).toHaveLength(2);
});

test("a purged project takes its conversation with it: messages, index, notifications, follows, and each trace in the file", async () => {
  await using talk = await startTalk({ inFile: true });
  const { world, service, ann, bob, project_id, conversation_id } = talk;
  const other = await world.project(bob, ann);
  const kept = await service.call<Message>(ann, "POST", `/conversations/${conversationOf(other)}/messages`, {
    content: "otherword @bob",
  });
  const before = await rows(talk);
  const mine = await world.project(ann, bob);
  await fill({ ...talk, project_id: mine, conversation_id: conversationOf(mine) }, await talk.task(mine));
  await world.apply("project.trashed", { project_id: mine, name: "Gone", version: 2 }, ann);
  await world.apply("project.purged", { project_id: mine, name: "Gone", version: 3 });
  expect((await service.call(ann, "GET", `/conversations/${conversationOf(mine)}`)).status).toBe(404);
  // A turn that is cut in the middle is continued by the next one, and two at once do no harm.
  const { write } = world.db;
  let writes = 0;
  world.db.write = async (statements) => {
    if (++writes === 3) throw new Error("killed");
    return await write(statements);
  };
  await expect(purgeConversations(world.deps)).rejects.toThrow("killed");
  world.db.write = write;
  await Promise.all([purgeConversations(world.deps), purgeConversations(world.deps)]);
  expect(await rows(talk)).toEqual(before);
  expect((await world.events()).filter((type) => type === "conversation.purged")).toHaveLength(1);
  // What a report keeps of it, it keeps until it is resolved.
  await world.db.write([sql`update reports set reported_content = null`]);
  expect(await wordsInFile(world, ["secretword", "otherword"])).toEqual(["otherword"]);
  expect(await found(talk, ann, "secretword")).toEqual([]);
  expect((await service.call(bob, "GET", `/messages/${kept.json.id}`)).status).toBe(200);
  expect((await service.call(bob, "GET", `/conversations/${conversation_id}`)).status).toBe(200);
  expect((await service.call(bob, "GET", `/projects/${project_id}`)).status).toBe(404);
});

test("talk about a task that has moved elsewhere stays for whoever sees the task, until the task is gone", async () => {
  await using talk = await startTalk();
  const { world, service, ann, bob, eve, project_id, conversation_id } = talk;
  const task = await talk.task(project_id);
  const { first, answer } = await fill(talk, task);
  const other = await world.project(ann, eve);
  await talk.move(task, project_id, other);
  await world.apply("project.trashed", about(talk, 2), ann);
  await world.apply("project.purged", about(talk, 3));
  for (const _again of [1, 2]) await purgeConversations(world.deps);
  const reads = async (by: Person, id: string) => (await service.call(by, "GET", `/messages/${id}`)).status;
  expect([await reads(eve, answer), await reads(bob, answer), await reads(eve, first)]).toEqual([200, 404, 404]);
  expect((await service.call<Message>(eve, "GET", `/messages/${answer}`)).json).toMatchObject({
    content: "secretword two",
    parent_id: null,
  });
  expect((await service.call<{ items: Message[] }>(eve, "GET", `/messages?task_id=${task}`)).json.items).toHaveLength(
    1,
  );
  expect((await service.call(ann, "GET", `/conversations/${conversation_id}`)).status).toBe(404);
  await world.apply("task.purged", { task_id: task, project_id: other, key: null, title: "T", version: 3 }, ann);
  await purgeConversations(world.deps);
  expect(await rowsOf(world.db, sql`select 1 from conversations where id = ${conversation_id}`)).toEqual([]);
  expect(await rowsOf(world.db, sql`select 1 from messages where conversation_id = ${conversation_id}`)).toEqual([]);
});

test("a group with assistants and their answers goes like any other", async () => {
  await using it = await assisted({ alone: true });
  await it.add({ trigger: "always" });
  await it.send("hello");
  await it.ended(1);
  await leaveConversation(it.world.deps, it.ann, it.conversation_id);
  await purgeConversations({ ...it.world.deps, now: () => new Date(Date.now() + 31 * 86_400_000) });
  expect(await rows(it)).toMatchObject({ conversations: 0, participants: 0, messages: 0, assistants: 0, answers: 0 });
});

describe("the conversation of a project that was purged before messaging listened to it", () => {
  /** A project in the trash of which an earlier version has not heard that it was purged. */
  const unheard = async (talk: Talk) => {
    const { world, ann, project_id, conversation_id } = talk;
    await fill(talk, await talk.task(project_id));
    await world.apply("project.trashed", about(talk, 2), ann);
    // The projection has heard of it, for it was rebuilt; the conversation has not.
    await world.db.write([sql`delete from projects where id = ${project_id}`]);
    const there = async () =>
      (await rowsOf(world.db, sql`select 1 from conversations where id = ${conversation_id}`)).length;
    const purgedAfter = (days: number) =>
      purgeConversations({ ...world.deps, now: () => new Date(Date.now() + days * 86_400_000) });
    return { there, purgedAfter };
  };

  test("is purged once it was in the trash for 30 days, with an event", async () => {
    await using talk = await startTalk();
    const { there, purgedAfter } = await unheard(talk);
    await purgedAfter(29);
    expect(await there()).toBe(1);
    await purgedAfter(31);
    expect([await there(), await rows(talk)]).toMatchObject([0, { messages: 0, participants: 0 }]);
    expect((await talk.world.events()).filter((type) => type === "conversation.purged")).toHaveLength(1);
  });

  test("stays while messaging does not know all projects: it may be in the trash still", async () => {
    await using talk = await startTalk();
    const { world, ann, bob } = talk;
    const live = await world.project(ann, bob);
    await world.db.write([sql`delete from projects where id = ${live}`]);
    const { there, purgedAfter } = await unheard(talk);
    await purgedAfter(31);
    expect(await there()).toBe(1);
    // As the rebuilt projection has it.
    await world.db.write([sql`insert into projects (id) values (${live})`]);
    await purgedAfter(31);
    expect(await there()).toBe(0);
  });
});
