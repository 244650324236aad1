import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { EventData } from "@stoa/events";
import { type ClientEvent, type ClientStream, listen } from "../test/event-stream.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";

const named = (name: string) => (each: ClientEvent) => each.event === name;

/** What every event of a task says. */
function task(project_id: string | null, more: { task_id?: string; version?: number } = {}) {
  return { task_id: newId(), project_id, key: project_id && "APO-1", title: "Write", version: 1, changes: [], ...more };
}

/** A title that changed. */
const renamed = (to: string) => ({ title: to, changes: [{ field: "title", from: "Write", to }] });

/** Streams that have begun, one for each person. */
async function streamsOf<const P extends readonly Person[]>(service: Service, ...people: P) {
  const streams = await Promise.all(people.map((person) => listen(service, person)));
  await Promise.all(streams.map((stream) => stream.until(named("ready"))));
  const cutAll = {
    [Symbol.dispose]: () => {
      for (const stream of streams) stream.cut();
    },
  };
  return Object.assign(streams as { -readonly [K in keyof P]: ClientStream }, cutAll);
}

/** The names of the events of projects that came, after a last one that everybody gets has come. */
async function namesOf(world: World, streams: readonly ClientStream[], everybody: readonly Person[]) {
  for (const person of everybody) {
    const own = task(null);
    await world.apply("task.updated", own, person);
    await Promise.any(streams.map((stream) => stream.until(({ data }) => data["task_id"] === own.task_id)));
  }
  return streams.map(namesOfWork);
}

/** The names of the events of projects that came, without those of personal tasks. */
const namesOfWork = ({ events }: ClientStream) =>
  events
    .filter(({ event, data }) => /^(?:project|task|worklog|link|access)\./.test(event) && data["project_id"] !== null)
    .map(({ event }) => event);

async function organize(world: World, owner: Person, ...members: Person[]) {
  const organization = { organization_id: newId(), name: "Engines" };
  await world.apply("organization.created", { ...organization, slug: newId(), owner_id: owner.user_id }, owner);
  for (const { user_id } of members) {
    await world.apply("organization.member_added", { ...organization, user_id, role: "member", invitation_id: null });
  }
  return organization;
}

async function projectIn(world: World, owner: Person, organization_id: string): Promise<string> {
  const project_id = newId();
  const data = { project_id, name: "Apollo", version: 1, key: "APO", organization_id, owner_id: owner.user_id };
  await world.apply("project.created", data, owner);
  return project_id;
}

test("what happens in a project reaches its members as it happened, and nobody else", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  using streams = await streamsOf(service, ann, bob, eve);
  const [hers, his, theirs] = streams;
  const data = task(project_id);
  const created = {
    ...data,
    status: "pending" as const,
    priority: "medium" as const,
    assignee_ids: [bob.user_id],
  };
  const { time } = await world.apply("task.created", created, ann);
  const work = { worklog_id: newId(), user_id: bob.user_id, minutes: 5, spent_on: "2026-11-20", changes: [] };
  await world.apply("worklog.recorded", { ...data, ...work }, bob);
  const link = { link_id: newId(), link_type: "blocks", from_task_id: newId(), to_task_id: data.task_id } as const;
  await world.apply("link.created", { ...data, ...link }, ann);
  for (const stream of [hers, his]) {
    const received = await stream.until(named("task.created"));
    expect(received.data).toEqual({ ...created, actor_id: ann.user_id, occurred_at: time });
    expect((await stream.until(named("worklog.recorded"))).data).toMatchObject({ minutes: 5, actor_id: bob.user_id });
    await stream.until(named("link.created"));
  }
  await world.apply("task.updated", task(null), eve);
  await theirs.until(named("task.updated"));
  expect(theirs.events.map(({ event }) => event)).toEqual(["ready", "task.updated"]);
});

test("events of a personal task reach its creator alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using streams = await streamsOf(service, ann, bob);
  const [hers, his] = streams;
  await world.apply("task.updated", { ...task(null), ...renamed("Mine") }, ann);
  await hers.until(({ data }) => data["title"] === "Mine");
  await world.apply("task.updated", { ...task(null), ...renamed("His") }, bob);
  await his.until(({ data }) => data["title"] === "His");
  expect(his.events.some(({ data }) => data["title"] === "Mine")).toBe(false);
});

test("members of a project's organization are told too; who leaves it loses what they saw by it alone", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const organization = await organize(world, ann, bob, cid);
  const [one, two] = [
    await projectIn(world, ann, organization.organization_id),
    await projectIn(world, ann, organization.organization_id),
  ];
  const added = { project_id: two, name: "Apollo", version: 2, role: "viewer" } as const;
  await world.apply("project.member_added", { ...added, user_id: bob.user_id }, ann);
  using streams = await streamsOf(service, bob, cid);
  const [his, theirs] = streams;
  await world.apply("task.updated", task(one), ann);
  await his.until(named("task.updated"));
  await world.apply("organization.member_removed", { ...organization, user_id: bob.user_id, role: "member" }, ann);
  expect((await his.until(named("access.lost"))).data).toEqual({ object: { type: "project", id: one } });
  await world.apply("task.moved", task(one), ann);
  await theirs.until(named("task.moved"));
  // Projects ends the memberships of who left.
  await world.apply("project.member_removed", { ...added, user_id: bob.user_id }, ann);
  await his.until(({ data }) => JSON.stringify(data) === JSON.stringify({ object: { type: "project", id: two } }));
  expect(his.events.some(named("task.moved"))).toBe(false);
  await world.apply("organization.deleted", organization, ann);
  const object = { type: "organization", id: organization.organization_id };
  expect((await theirs.until(named("access.lost"))).data).toEqual({ object });
});

test("a project that leaves an organization is lost to those who saw it by that alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { organization_id } = await organize(world, ann, bob);
  const project_id = await projectIn(world, ann, organization_id);
  using streams = await streamsOf(service, ann, bob);
  const [hers, his] = streams;
  const changes = [{ field: "organization_id", from: organization_id, to: null }];
  await world.apply("project.updated", { project_id, name: "Apollo", version: 2, changes }, ann);
  expect((await hers.until(named("project.updated"))).data).toMatchObject({ changes, version: 2 });
  expect((await his.until(named("access.lost"))).data).toEqual({ object: { type: "project", id: project_id } });
  expect(his.events.some(named("project.updated"))).toBe(false);
});

test("who is removed from a project loses it and gets nothing more, live and after a cut, until they are back", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  const member = { project_id, name: "Apollo", version: 2, user_id: bob.user_id, role: "developer" } as const;
  using streams = await streamsOf(service, ann, bob);
  const [hers, his] = streams;
  await world.apply("project.member_removed", member, ann);
  await world.apply("task.updated", { ...task(project_id), ...renamed("Secret") }, ann);
  const lost = { object: { type: "project", id: project_id } };
  expect((await his.until(named("access.lost"))).data).toEqual(lost);
  expect((await hers.until(named("project.member_removed"))).data).toMatchObject({ user_id: bob.user_id, version: 2 });
  await hers.until(named("task.updated"));
  using resumed = await listen(service, bob, { after: his.events[0]?.id });
  expect((await resumed.until(named("access.lost"))).data).toEqual(lost);
  await world.apply("project.member_added", { ...member, version: 3 }, ann);
  for (const stream of [his, resumed]) {
    await stream.until(named("project.member_added"));
    expect(stream.events.some(({ data }) => data["title"] === "Secret")).toBe(false);
  }
});

test("a task that moves is told to those who see it where it is now, and lost to those who saw it and do not", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const [from, to] = [await world.project(ann, bob), await world.project(ann, cid)];
  using streams = await streamsOf(service, ann, bob, cid);
  const data = task(from);
  await world.apply("task.updated", { ...data, ...renamed("Before") }, ann);
  // Rights are those of the moment at which an event is told.
  await streams[1].until(named("task.updated"));
  const moved = { from_project_id: from, from_key: "APO-1", removed_user_ids: [] };
  await world.apply("task.moved_project", { ...data, project_id: to, ...moved }, ann);
  await world.apply("task.updated", { ...data, project_id: to, version: 3 }, ann);
  expect(await namesOf(world, streams, [ann, bob, cid])).toEqual([
    ["task.updated", "task.moved_project", "task.updated"],
    ["task.updated", "access.lost"],
    ["task.moved_project", "task.updated"],
  ]);
  expect(streams[1].events.find(named("access.lost"))?.data).toEqual({ object: { type: "task", id: data.task_id } });
  // Whoever comes back later is told nothing of it that they do not see by now.
  const after = streams[0].events[0]?.id;
  using late = await listen(service, bob, { after });
  await late.until(named("access.lost"));
  expect(late.events.some(({ data: its }) => its["title"] === "Before")).toBe(false);
});

test("a project that goes to the trash is told to all, lost to all but its owners, and silent until it is back", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  const project = { project_id, name: "Apollo", version: 2 };
  using streams = await streamsOf(service, ann, bob);
  await world.apply("project.trashed", project, ann);
  await streams[1].until(named("access.lost"));
  await world.apply("project.member_role_changed", {
    ...project,
    user_id: bob.user_id,
    from: "developer",
    to: "viewer",
  });
  await world.apply("project.restored", { ...project, version: 3 }, ann);
  await world.apply("task.updated", task(project_id), ann);
  await Promise.all(streams.map((stream) => stream.until(named("task.updated"))));
  const [hers, his] = await namesOf(world, streams, [ann, bob]);
  expect(hers).toEqual(["project.trashed", "project.member_role_changed", "project.restored", "task.updated"]);
  expect(his?.slice(0, 2)).toEqual(["project.trashed", "access.lost"]);
  expect(his?.slice(-2)).toEqual(["project.restored", "task.updated"]);
});

test("a stream that is cut between a project's end and the loss of it goes on with the loss", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  using streams = await streamsOf(service, bob);
  const [his] = streams;
  await world.apply("project.trashed", { project_id, name: "Apollo", version: 2 }, ann);
  await his.until(named("access.lost"));
  const between = his.events.find(named("project.trashed"))?.id;
  using again = await listen(service, bob, { after: between });
  await again.until(named("access.lost"));
  expect(namesOfWork(again)).toEqual(["access.lost"]);
});

test("a project that is gone for good is told to those who owned it, and nothing of it is kept", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  const project = { project_id, name: "Apollo", version: 2 };
  using streams = await streamsOf(service, ann, bob);
  const [hers, his] = streams;
  await world.apply("task.updated", { ...task(project_id), ...renamed("Secret") }, ann);
  await his.until(named("task.updated"));
  await world.apply("project.trashed", project, ann);
  await world.apply("project.purged", { ...project, version: 3 });
  await hers.until(named("access.lost"));
  expect(hers.events.slice(-2).map(({ event }) => event)).toEqual(["project.purged", "access.lost"]);
  using late = await listen(service, ann, { after: hers.events[0]?.id });
  await late.until(named("access.lost"));
  expect(late.events.some(({ data }) => data["title"] === "Secret")).toBe(false);
  expect(his.events.some(named("project.purged"))).toBe(false);
});

test("of a task in the trash those who may change it are told late, and nobody of one that is gone", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  const viewer = { project_id, name: "Apollo", version: 2, user_id: eve.user_id, role: "viewer" } as const;
  await world.apply("project.member_added", viewer, ann);
  using streams = await streamsOf(service, ann);
  const [first] = streams;
  const after = first.events[0]?.id;
  const [trashed, purged] = [task(project_id), task(project_id)];
  for (const data of [trashed, purged]) {
    await world.apply("task.updated", { ...data, ...renamed(`Old ${data.task_id}`) }, ann);
    await world.apply("task.trashed", plain(data), ann);
  }
  await world.apply("task.purged", plain(purged));
  using his = await listen(service, bob, { after });
  using theirs = await listen(service, eve, { after });
  const late = [his, theirs];
  await Promise.all(late.map((stream) => stream.until(named("task.purged"))));
  const names = late.map((stream) => stream.events.filter(({ event }) => event.startsWith("task.")));
  expect(names.map((its) => its.map(({ event, data }) => [event, data["task_id"]]))).toEqual([
    [
      ["task.updated", trashed.task_id],
      ["task.trashed", trashed.task_id],
      ["task.purged", purged.task_id],
    ],
    [
      ["task.trashed", trashed.task_id],
      ["task.purged", purged.task_id],
    ],
  ]);
});

/** A task without changes, as the trash tells of it. */
function plain({ changes: _, ...data }: ReturnType<typeof task>): EventData<"task.trashed"> {
  return data;
}

test("what happened to personal tasks is forgotten with their user", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const left = async () => (await world.db.query(sql`select seq from work_events`)).length;
  await world.apply("task.updated", { ...task(null), ...renamed("Diary") }, ann);
  expect(await left()).toBe(1);
  await world.apply("user.erased", { user_id: ann.user_id, session_ids: [] });
  expect(await left()).toBe(0);
});
