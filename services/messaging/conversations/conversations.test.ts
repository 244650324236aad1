import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { meanwhile, testActor } from "@stoa/testing";
import { sendMessage } from "../messages/send.ts";
import { sendDirect } from "../messages/send-direct.ts";
import { createWorld } from "../test/world.ts";
import { addParticipant } from "./add-participant.ts";
import { readAsOwner } from "./as-owner.ts";
import { createConversation } from "./create.ts";
import { createGroup } from "./create-group.ts";
import { leaveConversation } from "./leave.ts";
import { listConversations } from "./list.ts";
import { muteConversation } from "./mute.ts";
import { conversationOf } from "./of-project.ts";
import { openDirect } from "./open-direct.ts";
import { readConversation } from "./read.ts";
import { removeParticipant } from "./remove-participant.ts";
import { renameConversation } from "./rename.ts";

const code = (expected: string) => ({ code: expected });

test("the same two people always have the same direct conversation, whoever opens it, however often at once", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const opened = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      n % 2 ? openDirect(world.deps, ann, bob.user_id, null) : openDirect(world.deps, bob, ann.user_id, null),
    ),
  );
  expect(new Set(opened.map(({ conversation }) => conversation.id)).size).toBe(1);
  expect(opened.filter(({ made }) => made)).toHaveLength(1);
  expect(await world.events()).toEqual(["conversation.created"]);
});

test("a direct conversation that someone left is hidden from them alone, until either writes in it again", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" }, null);
  const id = message.conversation_id;
  await leaveConversation(world.deps, bob, id);
  expect((await listConversations(world.deps, bob, {})).items).toEqual([]);
  await expect(readConversation(world.db, bob.user_id, id)).rejects.toMatchObject(code("not_found"));
  await expect(sendMessage(world.deps, bob, id, { content: "?" }, null)).rejects.toMatchObject(code("not_found"));
  await expect(leaveConversation(world.deps, bob, id)).rejects.toMatchObject(code("not_found"));
  expect((await readConversation(world.db, ann.user_id, id)).participants).toHaveLength(2);
  await sendMessage(world.deps, ann, id, { content: "2" }, null);
  expect((await readConversation(world.db, bob.user_id, id)).unread).toBe(2);
  await leaveConversation(world.deps, bob, id);
  const again = await sendDirect(world.deps, bob, { recipient_id: ann.user_id, content: "3" }, null);
  expect(again.message).toMatchObject({ conversation_id: id, seq: 3 });
});

test("a group belongs to who made it, and to whoever has been in it longest when they leave", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, ann.user_id] }, null);
  await addParticipant(world.deps, ann, group.id, cid.user_id);
  const roles = async (asker = bob) => {
    const { participants } = await readConversation(world.db, asker.user_id, group.id);
    return Object.fromEntries(participants.map(({ username, role }) => [username, role]));
  };
  expect(await roles()).toEqual({ ann: "owner", bob: "member", cid: "member" });
  await leaveConversation(world.deps, ann, group.id);
  expect(await roles()).toEqual({ bob: "owner", cid: "member" });
  await removeParticipant(world.deps, bob, group.id, cid.user_id);
  await expect(roles(cid)).rejects.toMatchObject(code("not_found"));
  await leaveConversation(world.deps, bob, group.id);
  await expect(readConversation(world.db, bob.user_id, group.id)).rejects.toMatchObject(code("not_found"));
});

test("of two owners' departures at once a group with people in it always keeps an owner", async () => {
  await using world = await createWorld();
  const people = await world.people("ann", "bob", "cid", "dee");
  const [ann, bob, cid, dee] = people;
  const group = await createGroup(world.deps, ann, { title: null, user_ids: people.map((p) => p.user_id) }, null);
  await Promise.all([ann, bob, cid].map((person) => leaveConversation(world.deps, person, group.id)));
  const { participants } = await readConversation(world.db, dee.user_id, group.id);
  expect(participants).toMatchObject([{ user_id: dee.user_id, role: "owner" }]);
});

test("only the group's owner, or a superuser, renames it and says who is in it", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] }, null);
  const attempts = (person: typeof ann) => [
    () => renameConversation(world.deps, person, group.id, () => "mine"),
    () => addParticipant(world.deps, person, group.id, cid.user_id),
    () => removeParticipant(world.deps, person, group.id, ann.user_id),
  ];
  for (const attempt of attempts(bob)) await expect(attempt()).rejects.toMatchObject(code("forbidden"));
  for (const attempt of attempts(cid)) await expect(attempt()).rejects.toMatchObject(code("not_found"));
  const renamed = await renameConversation(world.deps, { ...bob, is_superuser: true }, group.id, () => "ours");
  expect(renamed).toMatchObject({ title: "ours", version: 2 });
});

test("a superuser looks after a group as its owner would, and sees what is said only once they are in it", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const root = { ...(await world.person("root")), is_superuser: true };
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] }, null);
  await sendMessage(world.deps, ann, group.id, { content: "ours" }, null);
  const unseen = { last_seq: 1, read_seq: 0, unread: 0, last_message: null, muted: false };
  expect(await readAsOwner(world.db, root, group.id)).toMatchObject({ ...unseen, title: "G" });
  expect(await renameConversation(world.deps, root, group.id, () => "H")).toMatchObject({ ...unseen, title: "H" });
  const { participants } = await addParticipant(world.deps, root, group.id, eve.user_id);
  expect(participants).toHaveLength(3);
  await removeParticipant(world.deps, root, group.id, bob.user_id);
  await expect(removeParticipant(world.deps, root, group.id, bob.user_id)).rejects.toMatchObject(code("not_found"));
  await expect(sendMessage(world.deps, root, group.id, { content: "?" }, null)).rejects.toMatchObject(
    code("not_found"),
  );
  expect((await listConversations(world.deps, root, {})).items).toEqual([]);
  expect(await addParticipant(world.deps, root, group.id, root.user_id)).toMatchObject({
    participants: [{}, {}, { username: "root", role: "member" }],
    last_message: { content: "ours" },
  });
});

test("a superuser sees a project's conversation but changes it by the project alone, and no direct one", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const root = { ...(await world.person("root")), is_superuser: true };
  const id = conversationOf(await world.project(ann));
  expect(await readAsOwner(world.db, root, id)).toMatchObject({ type: "project", last_message: null });
  const managed = code("managed_by_project");
  await expect(renameConversation(world.deps, root, id, () => "x")).rejects.toMatchObject(managed);
  await expect(addParticipant(world.deps, root, id, bob.user_id)).rejects.toMatchObject(managed);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id, null);
  await expect(readAsOwner(world.db, root, conversation.id)).rejects.toMatchObject(code("not_found"));
  await expect(renameConversation(world.deps, root, conversation.id, () => "x")).rejects.toMatchObject(
    code("not_found"),
  );
});

test("who says which version they have seen adds, removes and leaves in that one alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] }, null);
  const [stale, present] = [2, 1].map((version) => ({ any: false, versions: [version] }));
  const conflict = { code: "version_conflict", members: { current: { id, version: 1 } } };
  await expect(addParticipant(world.deps, ann, id, bob.user_id, stale)).rejects.toMatchObject(conflict);
  await expect(leaveConversation(world.deps, ann, id, stale)).rejects.toMatchObject(conflict);
  expect(await addParticipant(world.deps, ann, id, bob.user_id, present)).toMatchObject({ version: 2 });
  await expect(removeParticipant(world.deps, ann, id, bob.user_id, present)).rejects.toMatchObject(
    code("version_conflict"),
  );
  await removeParticipant(world.deps, ann, id, bob.user_id, stale);
  await leaveConversation(world.deps, ann, id, { any: true, versions: [] });
});

test("of changes at once that have seen the same version one is made, the others are told", async () => {
  await using world = await createWorld();
  const [ann, ...others] = await world.people("ann", "bob", "cid", "dee");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] }, null);
  const first = { any: false, versions: [1] };
  const answers = await Promise.allSettled([
    ...others.map(({ user_id }) => addParticipant(world.deps, ann, id, user_id, first)),
    leaveConversation(world.deps, ann, id, first),
  ]);
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a title that is the same changes nothing; one set by two at once is decided anew", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] }, null);
  expect(await renameConversation(world.deps, ann, group.id, () => "G")).toMatchObject({ version: 1 });
  await Promise.all(["a", "b", "c"].map((title) => renameConversation(world.deps, ann, group.id, () => title)));
  expect(await readConversation(world.db, ann.user_id, group.id)).toMatchObject({ version: 4 });
});

test("a title that others change each time before it is set is given up, and theirs stays", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] }, null);
  const others = async () => {
    await world.db.write([sql`update conversations set title = 'theirs', version = version + 1 where id = ${id}`]);
    meanwhile(world.db, others);
  };
  meanwhile(world.db, others);
  const asked: (string | null)[] = [];
  const renaming = renameConversation(world.deps, ann, id, ({ title }) => {
    asked.push(title);
    return "mine";
  });
  await expect(renaming).rejects.toMatchObject({ code: "unavailable", headers: { "retry-after": "1" } });
  expect(asked).toEqual(["G", "theirs", "theirs", "theirs", "theirs"]);
  expect(await readConversation(world.db, ann.user_id, id)).toMatchObject({ title: "theirs", version: 6 });
});

test("who is owner no more when the change is made adds nobody; who was added meanwhile is added once", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] }, null);
  const first = { any: false, versions: [1] };
  const add = (match?: typeof first) => addParticipant(world.deps, ann, id, cid.user_id, match);
  meanwhile(world.db, () => addParticipant(world.deps, ann, id, cid.user_id));
  await expect(add(first)).rejects.toMatchObject({ code: "version_conflict", members: { current: { version: 2 } } });
  await removeParticipant(world.deps, ann, id, cid.user_id);
  meanwhile(world.db, () => add());
  expect((await add()).participants).toHaveLength(3);
  await removeParticipant(world.deps, ann, id, cid.user_id);
  meanwhile(world.db, () =>
    world.db.write([sql`update participants set role = iif(user_id = ${bob.user_id}, 'owner', 'member')`]),
  );
  await expect(add()).rejects.toMatchObject(code("forbidden"));
  expect((await readConversation(world.db, ann.user_id, id)).participants).toHaveLength(2);
});

test("who has been taken out when they leave is told that they are not in it; who saw an older version, so", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] }, null);
  const first = { any: false, versions: [1] };
  meanwhile(world.db, () => renameConversation(world.deps, ann, id, () => "H"));
  await expect(leaveConversation(world.deps, bob, id, first)).rejects.toMatchObject(code("version_conflict"));
  meanwhile(world.db, () => removeParticipant(world.deps, ann, id, bob.user_id));
  await expect(leaveConversation(world.deps, bob, id)).rejects.toMatchObject(code("not_found"));
  const removals = (await world.events()).filter((type) => type === "conversation.participant_removed");
  expect(removals).toHaveLength(1);
});

test("who joins may read what was said before, and none of it counts as unread", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [] }, null);
  await sendMessage(world.deps, ann, group.id, { content: "before" }, null);
  await addParticipant(world.deps, ann, group.id, bob.user_id);
  const again = await addParticipant(world.deps, ann, group.id, bob.user_id);
  expect(again.version).toBe(2);
  expect(await readConversation(world.db, bob.user_id, group.id)).toMatchObject({
    unread: 0,
    read_seq: 1,
    last_message: { content: "before", is_read: true },
  });
  await expect(addParticipant(world.deps, ann, group.id, newId())).rejects.toMatchObject(code("not_found"));
  await expect(removeParticipant(world.deps, ann, group.id, newId())).rejects.toMatchObject(code("not_found"));
});

test("muting is one's own affair", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id, null);
  expect(await muteConversation(world.deps, ann, conversation.id, true)).toMatchObject({ muted: true, version: 1 });
  await muteConversation(world.deps, ann, conversation.id, true);
  expect((await readConversation(world.db, bob.user_id, conversation.id)).muted).toBe(false);
  expect(await muteConversation(world.deps, ann, conversation.id, false)).toMatchObject({ muted: false });
  expect(await world.events()).toEqual(["conversation.created", "conversation.muted", "conversation.unmuted"]);
  await expect(muteConversation(world.deps, testActor("eve"), conversation.id, true)).rejects.toMatchObject(
    code("not_found"),
  );
});

test("the list has the latest activity first, page after page, with nothing twice", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, dee] = await world.people("ann", "bob", "cid", "dee");
  const send = (recipient: typeof bob) =>
    sendDirect(world.deps, ann, { recipient_id: recipient.user_id, content: "x" }, null);
  for (const person of [bob, cid, dee, bob]) await send(person);
  const first = await listConversations(world.deps, ann, { limit: 2, count: true });
  const second = await listConversations(world.deps, ann, { limit: 2, cursor: first.next_cursor ?? "" });
  const names = [...first.items, ...second.items].map(
    ({ participants }) => participants.find(({ user_id }) => user_id !== ann.user_id)?.username,
  );
  expect(names).toEqual(["bob", "dee", "cid"]);
  expect([first.total, second.next_cursor]).toEqual([3, null]);
  expect((await listConversations(world.deps, ann, { type: "group" })).items).toEqual([]);
});

test("someone who registered a moment ago can be written to, once the event of it arrives", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  const user_id = newId();
  const opening = openDirect(world.deps, ann, user_id, null);
  const naming = createConversation(world.deps, ann, { type: "group", usernames: ["Newcomer"] }, null);
  await world.apply("user.registered", {
    user_id,
    username: "newcomer",
    full_name: "New Comer",
    is_superuser: false,
    roles: [],
    source: "self",
  });
  expect((await opening).conversation.participants).toHaveLength(2);
  expect((await naming).conversation.participants.map(({ full_name }) => full_name)).toContain("New Comer");
});

test("an erased user keeps their place, as a former member, and no new conversation can be begun with them", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id, null);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  // An older event that comes late brings no name back.
  await world.apply("user.updated", { user_id: bob.user_id, username: "bob", full_name: "Bob" });
  const { participants } = await readConversation(world.db, ann.user_id, conversation.id);
  expect(participants.find(({ user_id }) => user_id === bob.user_id)).toMatchObject({
    username: null,
    full_name: "former member",
  });
  await expect(openDirect(world.deps, cid, bob.user_id, null)).rejects.toMatchObject(code("not_found"));
});

test("where an erased user acted from is forgotten, where others did is not", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await openDirect(world.deps, ann, bob.user_id, null);
  await openDirect(world.deps, bob, (await world.person("cid")).user_id, null);
  await world.db.write([sql`update journal set ip_address = '192.0.2.1', device_info = 'Lynx'`]);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  const rows = await world.db.query(sql`select actor_id, ip_address, device_info from journal order by seq`);
  expect(rows).toEqual([
    { actor_id: ann.user_id, ip_address: "192.0.2.1", device_info: "Lynx" },
    { actor_id: bob.user_id, ip_address: null, device_info: null },
  ]);
});

test("the directory follows who is renamed, disabled and enabled", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await world.apply("user.updated", { user_id: ann.user_id, username: "anna", full_name: "Anna" });
  await world.apply("user.disabled", { user_id: ann.user_id, session_ids: [] });
  const look = () => world.db.query(sql`select username, full_name, is_active, erased_at from directory`);
  expect(await look()).toEqual([{ username: "anna", full_name: "Anna", is_active: 0, erased_at: null }]);
  await world.apply("user.enabled", { user_id: ann.user_id });
  expect(await look()).toMatchObject([{ is_active: 1 }]);
});
