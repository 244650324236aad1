import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { applyEvent, envelope } from "@stoa/testing";
import { handlers } from "../handlers.ts";
import { countUnread } from "../messages/unread.ts";
import { leaveConversation, removeParticipant } from "../participants/remove.ts";
import { addParticipant, sendMessage } from "../test/without-key.ts";
import { createWorld, type World } from "../test/world.ts";
import { changeConversation } from "./change.ts";
import { listConversations } from "./list.ts";
import { conversationOf } from "./of-project.ts";
import { readConversation } from "./read.ts";

/** What happened to conversations; their members are notified too. */
const conversationEvents = async (world: World) =>
  (await world.events()).filter((type) => !type.startsWith("notification."));

test("a project has a conversation with its name and its members", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const { items } = await listConversations(world.deps, bob, { project_id: [project_id] });
  expect(items).toMatchObject([
    { id: conversationOf(project_id), type: "project", title: "Apollo", project_id, last_seq: 0, last_message: null },
  ]);
  expect(items[0]?.participants.map(({ username, role }) => [username, role])).toEqual([
    ["ann", "member"],
    ["bob", "member"],
  ]);
  expect(await conversationEvents(world)).toEqual(["conversation.created", "conversation.participant_added"]);
  const other = await world.project(ann);
  const both = { project_id: [project_id, other] };
  expect((await listConversations(world.deps, ann, both)).items.map(({ id }) => id).sort()).toEqual(
    [project_id, other].map(conversationOf).sort(),
  );
});

test("the conversation follows the project's name and members, and each event is logged once with who caused it", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const id = conversationOf(project_id);
  const project = { project_id, name: "Gemini", version: 2 };
  await world.apply("project.updated", { ...project, changes: [] }, ann);
  await world.apply("project.updated", { ...project, changes: [] }, ann);
  await world.apply("project.member_added", { ...project, user_id: bob.user_id, role: "viewer" }, ann);
  expect(await readConversation(world.db, bob, id)).toMatchObject({ title: "Gemini", version: 3 });
  await world.apply("project.member_removed", { ...project, user_id: bob.user_id, role: "viewer" }, ann);
  await expect(readConversation(world.db, bob, id)).rejects.toMatchObject({ code: "forbidden" });
  await expect(sendMessage(world.deps, bob, id, { content: "?" })).rejects.toMatchObject({ code: "forbidden" });
  const logged = await world.db.query(
    sql`select type, actor_id, entity_id from journal where type like 'conversation.%' order by seq`,
  );
  expect(logged).toEqual([
    { type: "conversation.created", actor_id: ann.user_id, entity_id: null },
    { type: "conversation.participant_added", actor_id: ann.user_id, entity_id: bob.user_id },
    { type: "conversation.updated", actor_id: ann.user_id, entity_id: null },
    { type: "conversation.participant_removed", actor_id: ann.user_id, entity_id: bob.user_id },
  ]);
});

test("a project in the trash takes its conversation along, and brings it back whole", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const id = conversationOf(project_id);
  const { message } = await sendMessage(world.deps, ann, id, { content: "kept" });
  const project = { project_id, name: "Apollo", version: 2 };
  await world.apply("project.trashed", project, ann);
  expect((await listConversations(world.deps, bob, {})).items).toEqual([]);
  expect(await countUnread(world.db, bob)).toEqual({ total: 0, conversations: [] });
  await expect(sendMessage(world.deps, ann, id, { content: "?" })).rejects.toMatchObject({ code: "not_found" });
  await world.apply("project.restored", project, ann);
  expect(await readConversation(world.db, bob, id)).toMatchObject({
    unread: 1,
    last_message: { id: message.id },
  });
  expect((await conversationEvents(world)).slice(-2)).toEqual(["conversation.trashed", "conversation.restored"]);
});

test("the title and the participants of a project's conversation cannot be changed by hand", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const id = conversationOf(await world.project(ann, bob));
  for (const attempt of [
    () => leaveConversation(world.deps, ann, id),
    () => addParticipant(world.deps, ann, id, cid.user_id),
    () => removeParticipant(world.deps, ann, id, bob.user_id),
    () => changeConversation(world.deps, ann, id, { title: "mine" }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: "managed_by_project" });
  }
});

test("the members of a project are kept with their roles", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann, bob);
  const project = { project_id, name: "Apollo", version: 2, user_id: bob.user_id };
  const look = () => world.db.query(sql`select role from memberships where user_id = ${bob.user_id}`);
  await world.apply("project.member_role_changed", { ...project, from: "developer", to: "owner" });
  expect(await look()).toEqual([{ role: "owner" }]);
  await world.apply("project.member_removed", { ...project, role: "owner" });
  expect(await look()).toEqual([]);
});

test("an event that is applied a second time is refused whole, whatever else would happen", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  const event = envelope(
    "project.created",
    { project_id: newId(), name: "Twice", version: 1, key: "TWO", organization_id: null, owner_id: ann.user_id },
    { actorid: ann.user_id },
  );
  const apply = () => applyEvent(world.db, handlers(900), event);
  await apply();
  const before = await world.events();
  await expect(apply()).rejects.toMatchObject({ failure: "constraint" });
  expect(await world.events()).toEqual(before);
});

test("events of a project whose conversation is unknown do nothing", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  const project = { project_id: newId(), name: "Ghost", version: 1 };
  await world.apply("project.updated", { ...project, changes: [] });
  await world.apply("project.trashed", project);
  await world.apply("project.member_added", { ...project, user_id: ann.user_id, role: "viewer" });
  await world.apply("project.member_removed", { ...project, user_id: ann.user_id, role: "viewer" });
  expect(await conversationEvents(world)).toEqual([]);
});
