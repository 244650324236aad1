import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { roundTrips } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import { startTalk, type Talk } from "../test/task-talk.ts";
import type { Person } from "../test/world.ts";
import type { Message, MessageCounts } from "./schema.ts";

const send = (talk: Talk, by: Person, task_id: string | null, content = "Ready?", at = talk.conversation_id) =>
  talk.service.call<Message>(by, "POST", `/conversations/${at}/messages`, { content, task_id });

const contents = async (talk: Talk, by: Person, path: string) => {
  const { status, json } = await talk.service.call<Page<Message>>(by, "GET", path);
  return status === 200 ? json.items.map(({ content }) => content) : status;
};

test("a message of a project's conversation may be about a task, and says so", async () => {
  await using talk = await startTalk();
  const task_id = await talk.task(talk.project_id);
  const { status, json } = await send(talk, talk.bob, task_id);
  expect([status, json.task_id]).toEqual([201, task_id]);
  const read = await talk.service.call<Message>(talk.ann, "GET", `/messages/${json.id}`);
  expect(read.json.task_id).toBe(task_id);
});

test("422 outside of a project's conversation, for another project's task and for a personal one; 404 for one that is not there", async () => {
  await using talk = await startTalk();
  const { ann, bob, eve, world, service, project_id } = talk;
  const [task, elsewhere, personal] = [
    await talk.task(project_id),
    await talk.task(await world.project(ann)),
    await talk.task(null),
  ];
  const group = await service.call<{ id: string }>(ann, "POST", "/conversations", { type: "group" });
  const refused = async (by: Person, task_id: string, at?: string) => {
    const { status, json } = await send(talk, by, task_id, "?", at);
    return [status, "errors" in json ? (json.errors as { path: string }[])[0]?.path : undefined];
  };
  for (const id of [task, newId()]) expect(await refused(ann, id, group.json.id)).toEqual([422, "/task_id"]);
  for (const id of [elsewhere, personal]) expect(await refused(bob, id)).toEqual([422, "/task_id"]);
  expect(await refused(bob, newId())).toEqual([404, undefined]);
  expect(await refused(eve, task)).toEqual([403, undefined]);
  expect(await refused(eve, newId())).toEqual([403, undefined]);
  expect(await refused(bob, task, newId())).toEqual([404, undefined]);
  const about = { task_id: task, project_id, key: null, title: "T", version: 2 };
  await world.apply("task.trashed", about, ann);
  expect(await refused(bob, task)).toEqual([404, undefined]);
  await world.apply("task.restored", { ...about, version: 3 }, ann);
  expect((await send(talk, bob, task)).status).toBe(201);
  await world.apply("task.purged", { ...about, version: 4 }, ann);
  expect(await refused(bob, task)).toEqual([404, undefined]);
  const direct = { recipient_id: bob.user_id, content: "?", task_id: task };
  expect((await service.call(ann, "POST", "/messages", direct)).status).toBe(422);
});

test("a task that was made just now is waited for", async () => {
  await using talk = await startTalk();
  const { world, project_id, ann } = talk;
  const task_id = newId();
  const sending = send(talk, ann, task_id);
  const about = { task_id, project_id, key: null, title: "New", version: 1, changes: [], assignee_ids: [] };
  await world.apply("task.created", { ...about, status: "pending", priority: "low" }, ann);
  expect((await sending).status).toBe(201);
});

test("the same client_id with another task is another message, and refused", async () => {
  await using talk = await startTalk();
  const [one, two] = [await talk.task(talk.project_id), await talk.task(talk.project_id)];
  const path = `/conversations/${talk.conversation_id}/messages`;
  const post = (task_id: string | null) =>
    talk.service.call<Message>(talk.ann, "POST", path, { content: "x", client_id: "c", task_id });
  const first = await post(one);
  expect([(await post(one)).json.id, (await post(two)).status, (await post(null)).status]).toEqual([
    first.json.id,
    422,
    422,
  ]);
});

test("a task's talk is listed by the task, left out by none, and kept apart in its conversation", async () => {
  await using talk = await startTalk();
  const { ann, bob, eve, conversation_id, project_id } = talk;
  const [plan, launch] = [await talk.task(project_id), await talk.task(project_id)];
  await send(talk, ann, plan, "1 plan");
  await send(talk, bob, launch, "2 launch");
  await send(talk, ann, null, "3 all");
  await send(talk, bob, plan, "4 plan");
  const at = `/conversations/${conversation_id}/messages`;
  expect(await contents(talk, bob, `${at}?task_id=${plan}`)).toEqual(["1 plan", "4 plan"]);
  expect(await contents(talk, bob, `${at}?task_id=${plan}&after_seq=1`)).toEqual(["4 plan"]);
  expect(await contents(talk, bob, `${at}?task_id=none`)).toEqual(["3 all"]);
  expect(await contents(talk, bob, `${at}?task_id=${plan},none`)).toEqual(["1 plan", "3 all", "4 plan"]);
  expect(await contents(talk, bob, `${at}?task_id=${plan},${launch}`)).toEqual(["1 plan", "2 launch", "4 plan"]);
  expect(await contents(talk, bob, `${at}?task_id=${newId()}`)).toEqual([]);
  expect(await contents(talk, eve, `${at}?task_id=${plan}`)).toBe(403);
  expect(await contents(talk, bob, `/messages?task_id=${plan}`)).toEqual(["4 plan", "1 plan"]);
  expect(await contents(talk, bob, "/messages?task_id=none")).toEqual(["3 all"]);
  expect(await contents(talk, ann, `/messages?task_id=${plan}&unread=true`)).toEqual(["4 plan"]);
  expect(await contents(talk, ann, `/messages?task_id=${plan}&conversation_id=${conversation_id}`)).toEqual([
    "4 plan",
    "1 plan",
  ]);
  expect(await contents(talk, ann, `/messages?task_id=${plan}&with_user_id=${bob.user_id}`)).toEqual([]);
  expect(await contents(talk, eve, `/messages?task_id=${plan}`)).toBe(403);
  expect(await contents(talk, ann, `/messages?task_id=${newId()}`)).toBe(404);
  expect(await contents(talk, ann, `/messages?task_id=${plan}&conversation_id=${newId()}`)).toBe(404);
  for (const path of [at, "/messages"]) expect(await contents(talk, ann, `${path}?task_id=all`)).toBe(422);
});

test("pages of a task's talk go on where they ended, and the cursor belongs to the task", async () => {
  await using talk = await startTalk();
  const { ann, service, project_id } = talk;
  const [plan, launch] = [await talk.task(project_id), await talk.task(project_id)];
  for (const content of ["1", "2", "3"]) await send(talk, ann, plan, content);
  const page = (query: string) => service.call<Page<Message>>(ann, "GET", `/messages?limit=2&${query}`);
  const first = await page(`task_id=${plan}&count=true`);
  expect([first.json.items.map(({ content }) => content), first.json.total]).toEqual([["3", "2"], 3]);
  const cursor = `cursor=${first.json.next_cursor}`;
  expect((await page(`task_id=${plan}&${cursor}`)).json).toMatchObject({
    items: [{ content: "1" }],
    next_cursor: null,
  });
  expect((await page(`task_id=${launch}&${cursor}`)).json).toMatchObject({ error_code: "invalid_cursor" });
});

test("talk about tasks is counted for a board, of those that one sees alone", async () => {
  await using talk = await startTalk();
  const { ann, eve, world, service, project_id } = talk;
  const [plan, launch, secret] = [
    await talk.task(project_id),
    await talk.task(project_id),
    await talk.task(await world.project(eve), { by: eve }),
  ];
  for (const content of ["1", "2", "3"]) await send(talk, ann, plan, content);
  await world.db.write([sql`update messages set deleted_at = created_at, content = null where content = '2'`]);
  const counts = async (by: Person, ids: readonly string[]) => {
    const { status, json } = await service.call<MessageCounts>(by, "GET", `/messages/counts?task_ids=${ids}`);
    return status === 200 ? json.items : status;
  };
  const wanted = [launch, plan, secret, newId()];
  expect(await counts(ann, wanted)).toEqual([
    { task_id: launch, count: 0 },
    { task_id: plan, count: 2 },
  ]);
  expect(await counts(eve, wanted)).toEqual([{ task_id: secret, count: 0 }]);
  expect(await counts(ann, Array.from({ length: 200 }, newId))).toEqual([]);
  expect(await counts(ann, Array.from({ length: 201 }, newId))).toBe(422);
  expect((await service.call(ann, "GET", "/messages/counts")).status).toBe(422);
});

test("when a task moves, its talk stays where it was by seq, and is there by task for whoever sees it now", async () => {
  await using talk = await startTalk();
  const { ann, bob, eve, world, conversation_id, project_id } = talk;
  const task = await talk.task(project_id);
  const { id } = (await send(talk, bob, task, "before")).json;
  const reads = async (by: Person) => (await talk.service.call(by, "GET", `/messages/${id}`)).status;
  expect([await reads(bob), await reads(eve)]).toEqual([200, 403]);
  const other = await world.project(ann, eve);
  await talk.move(task, project_id, other);
  expect((await send(talk, bob, task)).status).toBe(422);
  expect([await reads(bob), await reads(eve)]).toEqual([200, 200]);
  expect((await talk.service.call(eve, "PUT", `/messages/${id}/read`)).status).toBe(403);
  expect((await send(talk, eve, task, "after", conversationOf(other))).status).toBe(201);
  expect(await contents(talk, eve, `/messages?task_id=${task}`)).toEqual(["after", "before"]);
  expect(await contents(talk, bob, `/messages?task_id=${task}`)).toBe(403);
  expect(await contents(talk, bob, `/conversations/${conversation_id}/messages?task_id=${task}`)).toEqual(["before"]);
  expect(await contents(talk, eve, `/conversations/${conversation_id}/messages`)).toBe(403);
  const gone = { project_id: other, name: "Other", version: 2 };
  await world.apply("project.member_removed", { ...gone, user_id: eve.user_id, role: "developer" }, ann);
  expect(await contents(talk, eve, `/messages?task_id=${task}`)).toBe(403);
  await world.apply("project.trashed", gone, ann);
  expect(await contents(talk, ann, `/messages?task_id=${task}`)).toBe(404);
  await world.apply("project.purged", gone, ann);
  expect(await contents(talk, ann, `/messages?task_id=${task}`)).toBe(404);
  expect(await contents(talk, bob, `/conversations/${conversation_id}/messages?task_id=${task}`)).toEqual(["before"]);
});

test("whoever sees a task by its organization alone reads, counts, finds and follows its talk, until they leave it", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, eve, world, service, project_id } = talk;
  const organization = { organization_id: newId(), name: "Engines" };
  await world.apply("organization.created", { ...organization, slug: "engines", owner_id: ann.user_id }, ann);
  const joined = { ...organization, user_id: eve.user_id, role: "member" as const };
  await world.apply("organization.member_added", { ...joined, invitation_id: null }, ann);
  const task = await talk.task(project_id);
  const { id } = (await send(talk, bob, task, "before it belongs to anyone")).json;
  expect(await contents(talk, eve, `/messages?task_id=${task}`)).toBe(403);
  const move = async (from: string | null, to: string | null, version: number) =>
    world.apply(
      "project.updated",
      { project_id, name: "Apollo", version, changes: [{ field: "organization_id", from, to }] },
      ann,
    );
  const comments = async () => {
    const { json } = await service.call<Page<{ kind: string }>>(eve, "GET", "/notifications");
    return json.items.filter(({ kind }) => kind === "commented").length;
  };
  await move(null, organization.organization_id, 2);
  const seen = async () => [
    await contents(talk, eve, `/messages?task_id=${task}`),
    (await service.call(eve, "GET", `/messages/${id}`)).status,
    await contents(talk, eve, `/messages/search?q=belongs&task_id=${task}`),
    (await service.call<MessageCounts>(eve, "GET", `/messages/counts?task_ids=${task}`)).json.items,
    (await service.call(eve, "PUT", `/follows/tasks/${task}`)).status,
  ];
  const text = "before it belongs to anyone";
  expect(await seen()).toEqual([[text], 200, [text], [{ task_id: task, count: 1 }], 200]);
  // What else is said there is not theirs to read, nor is the talk theirs to join.
  expect(await contents(talk, eve, `/conversations/${talk.conversation_id}/messages?task_id=${task}`)).toBe(403);
  expect((await send(talk, eve, task)).status).toBe(403);
  await send(talk, cid, task);
  expect(await comments()).toBe(1);
  // One who leaves another organization keeps it.
  await world.apply("organization.member_removed", { ...joined, organization_id: newId() }, ann);
  expect(await comments()).toBe(1);
  await move(organization.organization_id, null, 3);
  expect(await comments()).toBe(0);
  expect(await seen()).toEqual([403, 403, 403, [], 403]);
  await move(null, organization.organization_id, 4);
  await send(talk, cid, task);
  expect(await comments()).toBe(1);
  await world.apply("organization.member_removed", joined, ann);
  expect(await comments()).toBe(0);
  await send(talk, cid, task);
  expect([await comments(), ...(await seen())]).toEqual([0, 403, 403, 403, [], 403]);
});

test("talk about a task takes a round trip more than other messages, however many follow it", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, world, service, project_id, conversation_id } = talk;
  const task_id = await talk.task(project_id, { assignee_ids: [bob.user_id, cid.user_id] });
  for (const [trips, method, path, body] of [
    [2, "POST", `/conversations/${conversation_id}/messages`, { content: "x", task_id }],
    [2, "GET", `/messages?task_id=${task_id}`],
    [1, "GET", `/conversations/${conversation_id}/messages?task_id=${task_id}`],
    [1, "GET", `/messages/counts?task_ids=${task_id}`],
    [2, "GET", `/follows/tasks/${task_id}`],
    [2, "DELETE", `/follows/tasks/${task_id}`],
    [2, "PUT", `/follows/tasks/${task_id}`],
  ] as const) {
    let status = 0;
    const taken = await roundTrips(world.db, async () => {
      status = (await service.call(ann, method, path, body)).status;
    });
    expect([method, path, status < 300, taken]).toEqual([method, path, true, trips]);
  }
});
