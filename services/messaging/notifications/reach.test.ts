import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { listen } from "../test/event-stream.ts";
import { group } from "../test/group.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import type { Notification } from "./schema.ts";

const list = async (service: Service, as: Person) =>
  (await service.call<{ items: Notification[] }>(as, "GET", "/notifications")).json.items;
const seen = async (service: Service, as: Person) =>
  (await list(service, as)).map(({ kind, object }) => `${kind} ${object.type} ${object.title}`).sort();

const organization = { organization_id: newId(), name: "Engines" };

/** A task of a project, assigned to someone. */
async function assigned(world: World, project_id: string | null, to: Person, by: Person, title = "Write") {
  const task = { task_id: newId(), project_id, key: null, title, version: 1, changes: [] };
  await world.apply("task.assigned", { ...task, user_ids: [to.user_id], removed_user_ids: [] }, by);
  return task;
}

describe("users are notified that somebody else", () => {
  test("added them to a project, an organization or a group; not of what they began or joined themselves", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob] = await world.people("ann", "bob");
    await world.project(ann, bob);
    const joined = { ...organization, role: "member" as const };
    await world.apply("organization.member_added", { ...joined, user_id: bob.user_id, invitation_id: null }, ann);
    const made = await service.call<Conversation>(ann, "POST", "/conversations", {
      type: "group",
      title: "Launch",
      participant_ids: [bob.user_id],
    });
    const nameless = await service.call<Conversation>(ann, "POST", "/conversations", { type: "group" });
    await service.call(ann, "PUT", `/conversations/${nameless.json.id}/participants/${bob.user_id}`);
    await service.call(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "hello" });
    expect(await seen(service, bob)).toEqual([
      "added conversation Group",
      "added conversation Launch",
      "added organization Engines",
      "added project Apollo",
    ]);
    expect((await list(service, bob)).find(({ object }) => object.id === made.json.id)).toMatchObject({
      actor_id: ann.user_id,
    });
    expect(await seen(service, ann)).toEqual([]);
  });

  test("invited them, until the invitation is accepted, declined, revoked, or its organization gone", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob, cid, dan, eve] = await world.people("ann", "bob", "cid", "dan", "eve");
    const invite = async (user: Person | null) => {
      const invitation_id = newId();
      const user_id = user?.user_id ?? null;
      await world.apply(
        "organization.member_invited",
        { ...organization, invitation_id, role: "member", user_id },
        ann,
      );
      return invitation_id;
    };
    const [his, revoked] = [await invite(bob), await invite(cid)];
    await invite(dan);
    await invite(null);
    const invitation_id = await invite(eve);
    await world.apply("invitation.declined", { ...organization, invitation_id, user_id: eve.user_id }, eve);
    expect(await seen(service, eve)).toEqual([]);
    expect(await list(service, bob)).toMatchObject([
      { kind: "invited", actor_id: ann.user_id, object: { type: "invitation", id: his, title: "Engines" } },
    ]);
    const joined = { ...organization, user_id: bob.user_id, role: "member" as const, invitation_id: his };
    await world.apply("organization.member_added", joined, bob);
    expect([await seen(service, bob), await seen(service, cid)]).toEqual([[], ["invited invitation Engines"]]);
    await world.apply("organization.invitation_revoked", { ...organization, invitation_id: revoked }, ann);
    expect([await seen(service, cid), await seen(service, dan)]).toEqual([[], ["invited invitation Engines"]]);
    await world.apply("organization.deleted", organization, ann);
    expect(await seen(service, dan)).toEqual([]);
  });
});

describe("what a user was notified of is withdrawn", () => {
  test("when they are removed from the project: its tasks, its conversation, and that they were added", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const project_id = await world.project(ann, bob, cid);
    const found = await service.call<{ items: Conversation[] }>(ann, "GET", `/conversations?project_id=${project_id}`);
    await service.call(ann, "POST", `/conversations/${found.json.items[0]?.id}/messages`, { content: "@bob @cid" });
    for (const who of [bob, cid]) await assigned(world, project_id, who, ann);
    await assigned(world, null, bob, ann, "Own");
    const all = ["added project Apollo", "assigned task Write", "mentioned message Apollo"];
    expect(await seen(service, bob)).toEqual([all[0], "assigned task Own", all[1], all[2]] as string[]);
    const lost = { project_id, name: "Apollo", version: 2, user_id: bob.user_id, role: "developer" as const };
    await world.apply("project.member_removed", lost, ann);
    expect([await seen(service, bob), await seen(service, cid)]).toEqual([["assigned task Own"], all]);
  });

  test("when they leave a group, or are removed from it; and the mention of a message that they cannot read", async () => {
    await using world = await createWorld();
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const { service, conversation } = await group(world, ann, bob, cid);
    await using _ = service;
    const { id } = conversation;
    await service.call(ann, "POST", `/conversations/${id}/messages`, { content: "@bob @cid" });
    expect(await seen(service, bob)).toEqual(["added conversation G", "mentioned message G"]);
    await service.call(bob, "DELETE", `/conversations/${id}`);
    await service.call(ann, "DELETE", `/conversations/${id}/participants/${cid.user_id}`);
    expect([await seen(service, bob), await seen(service, cid)]).toEqual([[], []]);
  });

  test("when they leave a direct conversation", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob] = await world.people("ann", "bob");
    const sent = await service.call<Message>(ann, "POST", "/messages", {
      recipient_id: bob.user_id,
      content: "@bob",
    });
    expect(await seen(service, bob)).toEqual(["mentioned message Direct message"]);
    await service.call(bob, "DELETE", `/conversations/${sent.json.conversation_id}`);
    expect(await seen(service, bob)).toEqual([]);
  });

  test("when a task is purged, or moves to a project that they are not in", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const [from, to] = [await world.project(ann, bob, cid), await world.project(ann, cid)];
    const purged = await assigned(world, from, bob, ann, "Old");
    const moved = await assigned(world, from, bob, ann);
    const { changes: _, ...due } = moved;
    await world.apply("task.due_soon", { ...due, due_at: "2026-11-29T09:00:00.000Z", user_ids: [cid.user_id] });
    const { changes, ...said } = purged;
    await world.apply("task.purged", said);
    const there = { ...moved, project_id: to, from_project_id: from, from_key: null, removed_user_ids: [bob.user_id] };
    await world.apply("task.moved_project", there, ann);
    expect(await seen(service, bob)).toEqual(["added project Apollo"]);
    expect(await seen(service, cid)).toContain("due_soon task Write");
    // It belongs to the new project from now on.
    const lost = { project_id: to, name: "Apollo", version: 2, user_id: cid.user_id, role: "developer" as const };
    await world.apply("project.member_removed", lost, ann);
    expect(await seen(service, cid)).not.toContain("due_soon task Write");
  });

  test("when a project is gone for good, and when they are removed from an organization whose project they saw", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const [ann, bob] = await world.people("ann", "bob");
    const [gone, kept, foreign] = [await world.project(ann, bob), await world.project(ann, bob), newId()];
    const project = { project_id: foreign, name: "Apollo", key: "APO", version: 1, owner_id: ann.user_id };
    await world.apply("project.created", { ...project, organization_id: organization.organization_id }, ann);
    for (const project_id of [gone, kept, foreign]) await assigned(world, project_id, bob, ann);
    await world.apply("organization.member_added", {
      ...organization,
      user_id: bob.user_id,
      role: "member",
      invitation_id: null,
    });
    await world.apply("project.purged", { project_id: gone, name: "Apollo", version: 3 });
    await world.apply("organization.member_removed", { ...organization, user_id: bob.user_id, role: "member" }, ann);
    expect(await seen(service, bob)).toEqual(["added project Apollo", "assigned task Write"]);
  });
});

test("what is in the trash is hidden, and is there again when it is restored", async () => {
  await using world = await createWorld();
  await using service = await serve(world);
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const [{ changes, ...first }] = [await assigned(world, project_id, bob, ann, "One")];
  await assigned(world, project_id, bob, ann, "Two");
  const project = { project_id, name: "Apollo", version: 2 };
  await world.apply("task.trashed", first, ann);
  expect(await seen(service, bob)).toEqual(["added project Apollo", "assigned task Two"]);
  await world.apply("project.trashed", project, ann);
  expect(await seen(service, bob)).toEqual([]);
  await world.apply("project.restored", project, ann);
  expect(await seen(service, bob)).toEqual(["added project Apollo", "assigned task Two"]);
  await world.apply("task.restored", first, ann);
  expect(await seen(service, bob)).toEqual(["added project Apollo", "assigned task One", "assigned task Two"]);
});

test("streams are told of what was withdrawn, of very much only that it was", async () => {
  await using world = await createWorld();
  await using service = await serve(world);
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann);
  const task = await assigned(world, project_id, bob, ann);
  const [told] = await list(service, bob);
  using his = await listen(service, bob);
  using hers = await listen(service, ann);
  await Promise.all([his, hers].map((stream) => stream.until(({ event }) => event === "ready")));
  const { changes, ...said } = task;
  await world.apply("task.trashed", said, ann);
  expect((await his.until(({ event }) => event === "notification.withdrawn")).data).toEqual({
    user_id: bob.user_id,
    notification_ids: [told?.id],
  });
  for (let n = 0; n < 101; n++) await assigned(world, project_id, bob, ann);
  await world.apply("project.purged", { project_id, name: "Apollo", version: 2 });
  const many = await his.until(
    ({ event, data }) => event === "notification.withdrawn" && data["notification_ids"] === null,
  );
  expect(many.data).toEqual({ user_id: bob.user_id, notification_ids: null });
  expect(hers.events.some(({ event }) => event.startsWith("notification."))).toBe(false);
});
