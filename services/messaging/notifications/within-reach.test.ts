import { expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { conversationOf } from "../conversations/of-project.ts";
import type { Message } from "../messages/schema.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import type { Notification } from "./schema.ts";

/** Ann's project in her organization, Bob in both, and all that he may be notified of there. */
interface Place {
  readonly world: World;
  readonly service: Service;
  readonly ann: Person;
  readonly bob: Person;
  readonly project_id: string;
  readonly organization_id: string;
  readonly task_id: string;
  /** Which message says what, by its id. */
  readonly said: ReadonlyMap<string, string>;
}

async function place(world: World, service: Service): Promise<Place> {
  const [ann, bob] = await world.people("ann", "bob");
  const organization = { organization_id: newId(), name: "Engines" };
  await world.apply("organization.created", { ...organization, slug: "engines", owner_id: ann.user_id }, ann);
  const joined = { ...organization, user_id: bob.user_id, role: "member" as const, invitation_id: null };
  await world.apply("organization.member_added", joined, ann);
  const project_id = newId();
  const project = { project_id, name: "Apollo", version: 1 };
  const { organization_id } = organization;
  await world.apply("project.created", { ...project, key: "APO", organization_id, owner_id: ann.user_id }, ann);
  await world.apply("project.member_added", { ...project, user_id: bob.user_id, role: "developer" }, ann);
  const task = { task_id: newId(), project_id, key: null, title: "Write", version: 1, changes: [] };
  const fields = { status: "pending", priority: "medium", assignee_ids: [] } as const;
  await world.apply("task.created", { ...task, ...fields, assignee_ids: [] }, ann);
  await world.apply("task.assigned", { ...task, user_ids: [bob.user_id], removed_user_ids: [] }, ann);
  const said = new Map<string, string>();
  const send = async (by: Person, what: string, body: object) => {
    const { json } = await service.call<Message>(
      by,
      "POST",
      `/conversations/${conversationOf(project_id)}/messages`,
      body,
    );
    said.set(json.id, what);
    return json.id;
  };
  const { task_id } = task;
  const his = await send(bob, "his", { content: "mine", task_id });
  await send(ann, "in the talk", { content: "@bob", task_id });
  await send(ann, "an answer in the talk", { content: "yes", task_id, parent_id: his });
  await send(ann, "a comment", { content: "done", task_id });
  await send(ann, "elsewhere", { content: "@bob" });
  await send(ann, "an answer elsewhere", { content: "no", parent_id: await send(bob, "his too", { content: "?" }) });
  return { world, service, ann, bob, project_id, organization_id, task_id, said };
}

type Step = (place: Place) => Promise<unknown>;

const project = ({ project_id }: Place) => ({ project_id, name: "Apollo", version: 9 });
const leavesProject: Step = (at) =>
  at.world.apply("project.member_removed", { ...project(at), user_id: at.bob.user_id, role: "developer" }, at.ann);
const leavesOrganization: Step = ({ world, ann, bob, organization_id }) =>
  world.apply(
    "organization.member_removed",
    { organization_id, name: "Engines", user_id: bob.user_id, role: "member" },
    ann,
  );
const projectLeaves: Step = (at) =>
  at.world.apply(
    "project.updated",
    { ...project(at), changes: [{ field: "organization_id", from: at.organization_id, to: null }] },
    at.ann,
  );
const trashed: Step = (at) => at.world.apply("project.trashed", project(at), at.ann);
const restored: Step = (at) => at.world.apply("project.restored", project(at), at.ann);
const purged: Step = (at) => at.world.apply("project.purged", project(at), at.ann);
const taskMoves: Step = async ({ world, ann, task_id, project_id: from_project_id }) => {
  const task = { task_id, key: null, title: "Write", version: 9, changes: [] };
  const there = { project_id: await world.project(ann), from_project_id, from_key: null, removed_user_ids: [] };
  await world.apply("task.moved_project", { ...task, ...there }, ann);
};

const task = ["assigned task", "commented task"];
const talk = ["mentioned in the talk", "replied an answer in the talk"];
const others = ["mentioned elsewhere", "replied an answer elsewhere"];
const [inProject, inOrganization] = ["added project", "added organization"];
const all = [inProject, inOrganization, ...task, ...talk, ...others];

test.each<[what: string, steps: readonly Step[], left: readonly string[]]>([
  ["nothing happens", [], all],
  ["they leave the project", [leavesProject], [inProject, inOrganization, ...task, ...talk]],
  ["they leave the organization", [leavesOrganization], [inProject, ...task, ...talk, ...others]],
  ["they leave both, the project first", [leavesProject, leavesOrganization], []],
  ["they leave both, the organization first", [leavesOrganization, leavesProject], []],
  ["the project leaves the organization", [projectLeaves], all],
  ["they leave the project, which leaves the organization", [leavesProject, projectLeaves], [inOrganization]],
  ["the project leaves the organization, and they leave it", [projectLeaves, leavesProject], [inOrganization]],
  ["the task moves to where they are not", [taskMoves], [inProject, inOrganization, ...talk, ...others]],
  ["they leave the project, and the task moves", [leavesProject, taskMoves], [inProject, inOrganization]],
  ["the task moves, and they leave the project", [taskMoves, leavesProject], [inProject, inOrganization]],
  [
    "they leave a project in the trash, which comes back",
    [trashed, leavesProject, restored],
    [inProject, inOrganization, ...task, ...talk],
  ],
  [
    "they leave the organization of a project in the trash, which comes back",
    [trashed, leavesProject, leavesOrganization, restored],
    [],
  ],
  ["they leave the project, which is in the trash", [leavesProject, trashed], [inOrganization]],
  ["they leave the project, which is purged", [leavesProject, trashed, purged], [inOrganization]],
])("of what users were notified they keep what they may still read: %s", async (_, steps, left) => {
  await using world = await createWorld();
  await using service = await serve(world);
  const at = await place(world, service);
  for (const step of steps) await step(at);
  const { json } = await service.call<{ items: Notification[] }>(at.bob, "GET", "/notifications");
  const seen = json.items.map(({ kind, object }) => `${kind} ${at.said.get(object.id) ?? object.type}`);
  expect(seen.toSorted()).toEqual([...left].toSorted());
  for (const { object } of json.items) {
    if (object.type === "message")
      expect((await service.call(at.bob, "GET", `/messages/${object.id}`)).status).toBe(200);
    if (object.type === "task")
      expect((await service.call(at.bob, "GET", `/messages?task_id=${object.id}`)).status).toBe(200);
  }
  const named = new Set(json.items.map(({ object }) => object.id));
  for (const [id, what] of at.said) {
    // What they read and are notified of no more is what they wrote, or was said of a task that they follow.
    if (named.has(id) || /his|comment/.test(what)) continue;
    expect([what, (await service.call(at.bob, "GET", `/messages/${id}`)).status]).not.toEqual([what, 200]);
  }
});
