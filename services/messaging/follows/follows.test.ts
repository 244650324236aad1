import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { rowsOf } from "@stoa/testing";
import type { Notification } from "../notifications/schema.ts";
import { startTalk, type Talk } from "../test/task-talk.ts";
import type { Person } from "../test/world.ts";
import type { Follow } from "./schema.ts";

const say = async (talk: Talk, by: Person, task_id: string) =>
  talk.service.call(by, "POST", `/conversations/${talk.conversation_id}/messages`, { content: "x", task_id });

/** How often each was told of what was said about tasks. */
async function told(talk: Talk): Promise<Record<string, number>> {
  const { ann, bob, cid, eve } = talk;
  const counted: Record<string, number> = {};
  for (const person of [ann, bob, cid, eve]) {
    const { json } = await talk.service.call<Page<Notification>>(person, "GET", "/notifications");
    const comments = json.items.filter(({ kind }) => kind === "commented");
    if (comments.length > 0) counted[person.username] = comments.length;
  }
  return counted;
}

const follow = (talk: Talk, by: Person, method: string, task_id: string) =>
  talk.service.call<Follow>(by, method, `/follows/tasks/${task_id}`);

test("whoever made a task, is assigned to it or wrote about it is told of what others say", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, project_id } = talk;
  const task = await talk.task(project_id, { by: ann, assignee_ids: [bob.user_id], title: "Launch" });
  await say(talk, cid, task);
  expect(await told(talk)).toEqual({ ann: 1, bob: 1 });
  await say(talk, ann, task);
  expect(await told(talk)).toEqual({ ann: 1, bob: 2, cid: 1 });
  const { json } = await talk.service.call<Page<Notification>>(cid, "GET", "/notifications");
  expect(json.items.filter(({ kind }) => kind === "commented")).toMatchObject([
    { kind: "commented", actor_id: ann.user_id, object: { type: "task", id: task, title: "Launch" }, is_read: false },
  ]);
  const logged = await rowsOf<{ n: number }>(
    talk.world.db,
    sql`select count(*) as n from journal where type = 'notification.created' and data ->> 'kind' = 'commented'
      and entity_id in (select id from notifications) and aggregate_id = data ->> 'user_id'`,
  );
  expect(logged).toEqual([{ n: 4 }]);
});

test("who asks to follow is told, and who asks not to is told no more until they ask again, whatever they do", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, world, project_id } = talk;
  const task = await talk.task(project_id, { by: ann });
  expect((await follow(talk, cid, "PUT", task)).json).toEqual({ task_id: task, following: true });
  expect((await follow(talk, ann, "DELETE", task)).status).toBe(204);
  expect((await follow(talk, ann, "DELETE", task)).status).toBe(204);
  await say(talk, bob, task);
  expect(await told(talk)).toEqual({ cid: 1 });
  await say(talk, ann, task);
  await say(talk, bob, task);
  expect(await told(talk)).toEqual({ bob: 1, cid: 3 });
  expect((await follow(talk, ann, "GET", task)).json.following).toBe(false);
  await follow(talk, ann, "PUT", task);
  expect((await follow(talk, ann, "GET", task)).json.following).toBe(true);
  await say(talk, bob, task);
  expect(await told(talk)).toEqual({ ann: 1, bob: 1, cid: 4 });
  const follows = (await world.events()).filter((type) => type.startsWith("follow."));
  expect(follows).toEqual(["follow.started", "follow.stopped", "follow.started"]);
});

test("nobody is told who is not in the conversation now, or has muted it", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, world, service, project_id, conversation_id } = talk;
  const task = await talk.task(project_id, { by: ann, assignee_ids: [bob.user_id, cid.user_id] });
  await service.call(bob, "PUT", `/conversations/${conversation_id}/mute`);
  const about = { project_id, name: "Apollo", version: 2, user_id: cid.user_id, role: "developer" } as const;
  await world.apply("project.member_removed", about, ann);
  await say(talk, ann, task);
  expect(await told(talk)).toEqual({});
});

test("who is mentioned follows from then on, and is told once of each message; who blocked the sender is not told", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, service, project_id, conversation_id } = talk;
  const task = await talk.task(project_id, { by: ann });
  const path = `/conversations/${conversation_id}/messages`;
  const post = (by: Person, content: string) =>
    service.call<{ id: string }>(by, "POST", path, { content, task_id: task });
  await post(bob, "What does @cid say?");
  expect((await follow(talk, cid, "GET", task)).json.following).toBe(true);
  expect(await told(talk)).toEqual({ ann: 1 });
  await post(ann, "And @bob?");
  expect(await told(talk)).toEqual({ ann: 1, cid: 1 });
  await post(bob, "Nothing");
  await service.call(cid, "PUT", `/blocks/${bob.user_id}`);
  await post(bob, "Again");
  expect(await told(talk)).toEqual({ ann: 3, cid: 2 });
  const other = await talk.task(project_id, { by: ann });
  const edited = await service.call<{ id: string }>(bob, "POST", path, { content: "x", task_id: other });
  await service.call(bob, "PATCH", `/messages/${edited.json.id}`, { content: "@cid" });
  expect((await follow(talk, cid, "GET", other)).json.following).toBe(true);
});

test("assignees follow as long as the task is theirs", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, world, project_id } = talk;
  const task = await talk.task(project_id, { by: ann, assignee_ids: [bob.user_id] });
  const about = { task_id: task, project_id, key: null, title: "T", version: 2, changes: [] };
  await world.apply("task.assigned", { ...about, user_ids: [cid.user_id], removed_user_ids: [bob.user_id] }, ann);
  const following = async (by: Person) => (await follow(talk, by, "GET", task)).json.following;
  expect([await following(ann), await following(bob), await following(cid)]).toEqual([true, false, true]);
  await world.apply("task.unassigned", { ...about, version: 3, user_ids: [cid.user_id] }, ann);
  expect(await following(cid)).toBe(false);
});

test("404 for an unknown task and one in the trash, 403 for who does not see it, 401 for nobody", async () => {
  await using talk = await startTalk();
  const { ann, bob, eve, world, service, project_id } = talk;
  const [task, own] = [await talk.task(project_id), await talk.task(null)];
  for (const method of ["GET", "PUT", "DELETE"]) {
    expect((await service.call(null, method, `/follows/tasks/${task}`)).status).toBe(401);
    expect((await follow(talk, ann, method, newId())).status).toBe(404);
    expect((await follow(talk, eve, method, task)).status).toBe(403);
    expect((await follow(talk, bob, method, own)).status).toBe(403);
    expect((await follow(talk, ann, method, own)).status).toBeLessThan(300);
  }
  await world.apply("task.trashed", { task_id: task, project_id, key: null, title: "T", version: 2 }, ann);
  expect((await follow(talk, ann, "PUT", task)).status).toBe(404);
});

test("follows go with their task, their project and their user", async () => {
  await using talk = await startTalk();
  const { ann, bob, cid, world, project_id } = talk;
  const [one, two, three] = [await talk.task(project_id), await talk.task(project_id), await talk.task(null)];
  for (const [person, task] of [
    [bob, one],
    [cid, one],
    [bob, two],
    [ann, three],
  ] as const) {
    await follow(talk, person, "PUT", task);
  }
  const rows = async () => (await rowsOf(world.db, sql`select 1 from task_follows`)).length;
  expect(await rows()).toBe(4);
  await world.apply("user.erased", { user_id: cid.user_id, session_ids: [] });
  expect(await rows()).toBe(3);
  await world.apply("task.purged", { task_id: two, project_id, key: null, title: "T", version: 2 });
  expect(await rows()).toBe(2);
  await world.apply("project.purged", { project_id, name: "Apollo", version: 2 });
  expect(await rows()).toBe(1);
  expect(await rowsOf(world.db, sql`select id from tasks`)).toEqual([{ id: three }]);
});

test("whoever is mentioned in what is said about a task follows it from then on, and is told once", async () => {
  await using talk = await startTalk();
  const { ann, cid, project_id } = talk;
  const task = await talk.task(project_id, { by: ann });
  const path = `/conversations/${talk.conversation_id}/messages`;
  const { json } = await talk.service.call<{ id: string }>(ann, "POST", path, { content: "@cid?", task_id: task });
  expect((await follow(talk, cid, "GET", task)).json).toEqual({ task_id: task, following: true });
  expect(await told(talk)).toEqual({});
  const second = await talk.service.call<{ id: string }>(ann, "POST", path, { content: "well?", task_id: task });
  expect(await told(talk)).toEqual({ cid: 1 });
  // What was told of a message goes with it.
  for (const { id } of [json, second.json]) await talk.service.call(ann, "DELETE", `/messages/${id}`);
  expect(await told(talk)).toEqual({});
});
