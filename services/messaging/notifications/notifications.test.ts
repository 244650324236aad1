import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { conversationOf } from "../conversations/of-project.ts";
import { listMessages } from "../messages/list.ts";
import { createWorld } from "../test/world.ts";
import { listNotifications } from "./list.ts";
import { markNotificationsRead } from "./mark-read.ts";

const task = (project_id: string | null) => ({
  task_id: newId(),
  project_id,
  key: project_id === null ? null : "APO-7",
  title: "Write the plan",
  version: 1,
  changes: [],
});

test("the assignees of a task are notified, unless they took it themselves", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const project_id = await world.project(ann, bob, cid);
  const assigned = task(project_id);
  await world.apply(
    "task.assigned",
    { ...assigned, user_ids: [bob.user_id, ann.user_id], removed_user_ids: [cid.user_id] },
    ann,
  );
  const created = { ...task(project_id), assignee_ids: [cid.user_id] };
  await world.apply("task.created", { ...created, status: "pending", priority: "low" }, ann);
  const assignments = async (who: typeof bob) =>
    (await listNotifications(world.deps, who, {})).items.filter(({ kind }) => kind !== "added");
  expect(await assignments(bob)).toEqual([
    {
      id: expect.any(String),
      kind: "assigned",
      actor_id: ann.user_id,
      object: { type: "task", id: assigned.task_id, title: "Write the plan" },
      is_read: false,
      created_at: expect.any(String),
    },
  ]);
  expect((await listNotifications(world.deps, ann, {})).items).toEqual([]);
  expect(await assignments(cid)).toMatchObject([{ object: { id: created.task_id } }]);
  expect((await world.events()).filter((type) => type === "notification.created")).toHaveLength(4);
});

test("those whom a task concerns are notified that it is due soon, and that it is late; once, however often it comes", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const due = { ...task(await world.project(ann, bob, cid)), due_at: "2026-11-20T09:00:00.000Z" };
  const { changes, ...said } = due;
  await world.apply("task.due_soon", { ...said, user_ids: [ann.user_id, bob.user_id] });
  await world.apply("task.overdue", { ...said, user_ids: [bob.user_id] });
  const kinds = async (who: typeof ann) =>
    (await listNotifications(world.deps, who, {})).items.map(({ kind }) => kind).filter((kind) => kind !== "added");
  expect([await kinds(ann), (await kinds(bob)).toSorted(), await kinds(cid)]).toEqual([
    ["due_soon"],
    ["due_soon", "overdue"],
    [],
  ]);
  const [first] = (await listNotifications(world.deps, ann, {})).items;
  expect(first).toMatchObject({ actor_id: null, object: { type: "task", id: due.task_id, title: due.title } });
});

test("an erased user's notifications go", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  for (const { user_id } of [ann, bob]) {
    await world.apply("task.assigned", { ...task(null), user_ids: [user_id], removed_user_ids: [] });
  }
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  expect((await listNotifications(world.deps, bob, {})).items).toEqual([]);
  expect((await listNotifications(world.deps, ann, {})).items).toHaveLength(1);
});

test("a project that has gone for good has no members", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const [project_id, other] = [await world.project(ann, bob), await world.project(ann)];
  await world.apply("project.purged", { project_id, name: "Apollo", version: 3 });
  expect(await world.db.query(sql`select project_id from memberships`)).toEqual([{ project_id: other }]);
});

test("notifications are read one by one or all at once, one's own only", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  for (let n = 0; n < 3; n++) {
    await world.apply("task.assigned", { ...task(null), user_ids: [bob.user_id], removed_user_ids: [] }, ann);
  }
  const unread = async () => (await listNotifications(world.deps, bob, { unread: true, count: true })).total;
  const [first] = (await listNotifications(world.deps, bob, { limit: 1 })).items;
  await markNotificationsRead(world.deps, ann, [first?.id ?? ""]);
  expect(await unread()).toBe(3);
  await markNotificationsRead(world.deps, bob, [first?.id ?? "", newId()]);
  expect(await unread()).toBe(2);
  await markNotificationsRead(world.deps, bob, null);
  await markNotificationsRead(world.deps, bob, null);
  expect(await unread()).toBe(0);
  expect((await world.events()).filter((type) => type === "notification.read")).toHaveLength(2);
});

test("pages go from the newest on, with nothing twice", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  for (let n = 0; n < 5; n++) {
    await world.apply("task.assigned", { ...task(null), user_ids: [bob.user_id], removed_user_ids: [] }, ann);
  }
  const first = await listNotifications(world.deps, bob, { limit: 3 });
  const second = await listNotifications(world.deps, bob, { limit: 3, cursor: first.next_cursor ?? "" });
  expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5);
  expect(second.next_cursor).toBeNull();
});

test("a completed task is announced in its project's conversation, by the system and without a name", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  await world.apply("task.completed", task(project_id), bob);
  await world.apply("task.completed", task(null), bob);
  const { items } = await listMessages(world.deps, ann, conversationOf(project_id), {});
  expect(items).toMatchObject([
    { seq: 1, type: "system", sender_id: null, recipient_id: null, content: "Task completed: APO-7 Write the plan" },
  ]);
  const [logged] = await world.db.query(sql`select actor_id, data from journal where type = 'message.sent'`);
  expect(logged).toEqual({
    actor_id: bob.user_id,
    data: JSON.stringify({
      conversation_id: conversationOf(project_id),
      message_id: items[0]?.id,
      kind: "system",
      sender_id: null,
      seq: 1,
    }),
  });
});

test("200 tasks that one request completed are announced by one message, each project's by its own", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const [many, two, one] = [
    await world.project(ann, bob),
    await world.project(ann, bob),
    await world.project(ann, bob),
  ];
  for (let position = 1; position <= 200; position++) {
    await world.apply("task.completed", { ...task(many), batch: { position, size: 200 } }, bob);
  }
  for (const position of [1, 2]) {
    await world.apply("task.completed", { ...task(two), batch: { position, size: 2 } }, bob);
  }
  await world.apply("task.completed", task(one), bob);
  const said = async (project_id: string) =>
    (await listMessages(world.deps, ann, conversationOf(project_id), {})).items.map(({ content }) => content);
  expect(await said(many)).toEqual(["200 tasks completed: APO-7 Write the plan and 199 more"]);
  expect(await said(two)).toEqual(["2 tasks completed: APO-7 Write the plan and 1 more"]);
  expect(await said(one)).toEqual(["Task completed: APO-7 Write the plan"]);
});
