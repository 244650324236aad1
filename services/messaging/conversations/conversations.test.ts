import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { meanwhile, nextMoment, testActor } from "@stoa/testing";
import { leaveConversation, removeParticipant } from "../participants/remove.ts";
import {
  addParticipant,
  createConversation,
  createGroup,
  openDirect,
  sendDirect,
  sendMessage,
} from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { changeConversation } from "./change.ts";
import { listConversations } from "./list.ts";
import { muteConversation } from "./mute.ts";
import { conversationOf } from "./of-project.ts";
import { readConversation } from "./read.ts";
import type { NewConversation } from "./schema.ts";

const code = (expected: string) => ({ code: expected });

test("the same two people always have the same direct conversation, whoever opens it, however often at once", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const opened = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      n % 2 ? openDirect(world.deps, ann, bob.user_id) : openDirect(world.deps, bob, ann.user_id),
    ),
  );
  expect(new Set(opened.map(({ conversation }) => conversation.id)).size).toBe(1);
  expect(opened.filter(({ made }) => made)).toHaveLength(1);
  expect(await world.events()).toEqual(["conversation.created"]);
});

test("a direct conversation that someone left is hidden from them alone, until either writes in it again", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" });
  const id = message.conversation_id;
  await leaveConversation(world.deps, bob, id);
  expect((await listConversations(world.deps, bob, {})).items).toEqual([]);
  await expect(readConversation(world.db, bob, id)).rejects.toMatchObject(code("forbidden"));
  await expect(sendMessage(world.deps, bob, id, { content: "?" })).rejects.toMatchObject(code("forbidden"));
  await expect(leaveConversation(world.deps, bob, id)).rejects.toMatchObject(code("forbidden"));
  expect((await readConversation(world.db, ann, id)).participants).toHaveLength(2);
  await sendMessage(world.deps, ann, id, { content: "2" });
  expect((await readConversation(world.db, bob, id)).unread).toBe(2);
  await leaveConversation(world.deps, bob, id);
  const again = await sendDirect(world.deps, bob, { recipient_id: ann.user_id, content: "3" });
  expect(again.message).toMatchObject({ conversation_id: id, seq: 3 });
});

test("a group belongs to who made it, and to whoever has been in it longest when they leave", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, ann.user_id] });
  await addParticipant(world.deps, ann, group.id, cid.user_id);
  const roles = async (person = bob) => {
    const { participants } = await readConversation(world.db, person, group.id);
    return Object.fromEntries(participants.map(({ username, role }) => [username, role]));
  };
  expect(await roles()).toEqual({ ann: "owner", bob: "member", cid: "member" });
  await leaveConversation(world.deps, ann, group.id);
  expect(await roles()).toEqual({ bob: "owner", cid: "member" });
  await removeParticipant(world.deps, bob, group.id, cid.user_id);
  await expect(roles(cid)).rejects.toMatchObject(code("forbidden"));
  await leaveConversation(world.deps, bob, group.id);
  await expect(readConversation(world.db, bob, group.id)).rejects.toMatchObject(code("not_found"));
});

test("a group with people in it keeps an owner when its owners leave at once", async () => {
  await using world = await createWorld();
  const people = await world.people("ann", "bob", "cid", "dee");
  const [ann, bob, cid, dee] = people;
  const group = await createGroup(world.deps, ann, { title: null, user_ids: people.map((p) => p.user_id) });
  await Promise.all([ann, bob, cid].map((person) => leaveConversation(world.deps, person, group.id)));
  const { participants } = await readConversation(world.db, dee, group.id);
  expect(participants).toMatchObject([{ user_id: dee.user_id, role: "owner" }]);
});

test("only the group's owner, or a superuser, renames it and says who is in it", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  const attempts = (person: typeof ann) => [
    () => changeConversation(world.deps, person, group.id, { title: "mine" }),
    () => addParticipant(world.deps, person, group.id, cid.user_id),
    () => removeParticipant(world.deps, person, group.id, ann.user_id),
  ];
  for (const attempt of [...attempts(bob), ...attempts(cid)]) {
    await expect(attempt()).rejects.toMatchObject(code("forbidden"));
  }
  const renamed = await changeConversation(world.deps, { ...bob, is_superuser: true }, group.id, { title: "ours" });
  expect(renamed).toMatchObject({ title: "ours", version: 2 });
});

test("a superuser looks after a group as its owner would, and sees what is said only once they are in it", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const root = { ...(await world.person("root")), is_superuser: true };
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  await sendMessage(world.deps, ann, group.id, { content: "ours" });
  const unseen = { last_seq: 1, read_seq: 0, unread: 0, last_message: null, muted: false };
  expect(await readConversation(world.db, root, group.id)).toMatchObject({ ...unseen, title: "G" });
  expect(await changeConversation(world.deps, root, group.id, { title: "H" })).toMatchObject({ ...unseen, title: "H" });
  const { participants } = await addParticipant(world.deps, root, group.id, eve.user_id);
  expect(participants).toHaveLength(3);
  await removeParticipant(world.deps, root, group.id, bob.user_id);
  await expect(removeParticipant(world.deps, root, group.id, bob.user_id)).rejects.toMatchObject(code("not_found"));
  await expect(sendMessage(world.deps, root, group.id, { content: "?" })).rejects.toMatchObject(code("forbidden"));
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
  expect(await readConversation(world.db, root, id)).toMatchObject({ type: "project", last_message: null });
  const managed = code("managed_by_project");
  await expect(changeConversation(world.deps, root, id, { title: "x" })).rejects.toMatchObject(managed);
  await expect(addParticipant(world.deps, root, id, bob.user_id)).rejects.toMatchObject(managed);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  await expect(readConversation(world.db, root, conversation.id)).rejects.toMatchObject(code("forbidden"));
  await expect(changeConversation(world.deps, root, conversation.id, { title: "x" })).rejects.toMatchObject(
    code("forbidden"),
  );
});

test("with If-Match participants are added, removed and leave only in the version that it names", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
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

test("of several changes at once with the same If-Match one is made, and the others are refused", async () => {
  await using world = await createWorld();
  const [ann, ...others] = await world.people("ann", "bob", "cid", "dee");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const first = { any: false, versions: [1] };
  const answers = await Promise.allSettled([
    ...others.map(({ user_id }) => addParticipant(world.deps, ann, id, user_id, first)),
    leaveConversation(world.deps, ann, id, first),
  ]);
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a title that is the same changes nothing; different ones at once are all set", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  expect(await changeConversation(world.deps, ann, group.id, { title: "G" })).toMatchObject({ version: 1 });
  await Promise.all(["a", "b", "c"].map((title) => changeConversation(world.deps, ann, group.id, { title })));
  expect(await readConversation(world.db, ann, group.id)).toMatchObject({ version: 4 });
});

test("30 changes of a title at once are all made", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  const titles = Array.from({ length: 30 }, (_, n) => `title ${n}`);
  const changed = await Promise.all(titles.map((title) => changeConversation(world.deps, ann, id, { title })));
  expect(changed.map(({ title }) => title)).toEqual(titles);
  expect(await readConversation(world.db, ann, id)).toMatchObject({ version: 31 });
});

test("30 people who are added, and leave, at once are all added, and have all left", async () => {
  await using world = await createWorld();
  const [ann, ...people] = await world.people("ann", ...Array.from({ length: 30 }, (_, n) => `user${n}`));
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  await Promise.all(people.map(({ user_id }) => addParticipant(world.deps, ann, id, user_id)));
  const full = await readConversation(world.db, ann, id);
  expect([full.version, full.participants.length]).toEqual([31, 31]);
  await Promise.all(people.map((person) => leaveConversation(world.deps, person, id)));
  const empty = await readConversation(world.db, ann, id);
  expect([empty.version, empty.participants.length]).toEqual([61, 1]);
});

test("a title that someone else changes right before it is set is set all the same", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  meanwhile(world.db, () =>
    world.db.write([sql`update conversations set title = 'theirs', version = version + 1 where id = ${id}`]),
  );
  expect(await changeConversation(world.deps, ann, id, { title: "mine" })).toMatchObject({ title: "mine", version: 3 });
});

test("a title that someone else has set to the same meanwhile is not changed twice", async () => {
  await using world = await createWorld();
  const [ann] = await world.people("ann");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  meanwhile(world.db, () => changeConversation(world.deps, ann, id, { title: "H" }));
  expect(await changeConversation(world.deps, ann, id, { title: "H" })).toMatchObject({ title: "H", version: 2 });
  expect(await world.events()).toEqual(["conversation.created", "conversation.updated"]);
});

test("a group whose owner a superuser removes belongs to whoever has been in it longest", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const root = { ...(await world.person("root")), is_superuser: true };
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  await removeParticipant(world.deps, root, id, ann.user_id);
  expect((await readConversation(world.db, bob, id)).participants).toMatchObject([{ username: "bob", role: "owner" }]);
});

test("someone who is no longer the owner when the change is made adds nobody; someone who was added meanwhile is added once", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
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
  expect((await readConversation(world.db, ann, id)).participants).toHaveLength(2);
});

test("someone who is removed while they leave is refused, and so is someone with an old version", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  const first = { any: false, versions: [1] };
  meanwhile(world.db, () => changeConversation(world.deps, ann, id, { title: "H" }));
  await expect(leaveConversation(world.deps, bob, id, first)).rejects.toMatchObject(code("version_conflict"));
  meanwhile(world.db, () => removeParticipant(world.deps, ann, id, bob.user_id));
  await expect(leaveConversation(world.deps, bob, id)).rejects.toMatchObject(code("forbidden"));
  const removals = (await world.events()).filter((type) => type === "conversation.participant_removed");
  expect(removals).toHaveLength(1);
});

test("someone who joins may read what was said before, and none of it counts as unread", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  await sendMessage(world.deps, ann, group.id, { content: "before" });
  await addParticipant(world.deps, ann, group.id, bob.user_id);
  const again = await addParticipant(world.deps, ann, group.id, bob.user_id);
  expect(again.version).toBe(2);
  expect(await readConversation(world.db, bob, group.id)).toMatchObject({
    unread: 0,
    read_seq: 1,
    last_message: { content: "before", is_read: true },
  });
  await expect(addParticipant(world.deps, ann, group.id, newId())).rejects.toMatchObject(code("not_found"));
  await expect(removeParticipant(world.deps, ann, group.id, newId())).rejects.toMatchObject(code("not_found"));
});

test("a conversation is muted for one participant alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  expect(await muteConversation(world.deps, ann, conversation.id, true)).toMatchObject({ muted: true, version: 1 });
  await muteConversation(world.deps, ann, conversation.id, true);
  expect((await readConversation(world.db, bob, conversation.id)).muted).toBe(false);
  expect(await muteConversation(world.deps, ann, conversation.id, false)).toMatchObject({ muted: false });
  expect(await world.events()).toEqual(["conversation.created", "conversation.muted", "conversation.unmuted"]);
  await expect(muteConversation(world.deps, testActor("eve"), conversation.id, true)).rejects.toMatchObject(
    code("forbidden"),
  );
});

test("the list has the latest activity first, page after page, with nothing twice", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, dee] = await world.people("ann", "bob", "cid", "dee");
  const send = (recipient: typeof bob) =>
    sendDirect(world.deps, ann, { recipient_id: recipient.user_id, content: "x" });
  for (const person of [bob, cid, dee, bob]) {
    await send(person);
    await nextMoment();
  }
  const first = await listConversations(world.deps, ann, { limit: 2, count: true });
  const second = await listConversations(world.deps, ann, { limit: 2, cursor: first.next_cursor ?? "" });
  const names = [...first.items, ...second.items].map(
    ({ participants }) => participants.find(({ user_id }) => user_id !== ann.user_id)?.username,
  );
  expect(names).toEqual(["bob", "dee", "cid"]);
  expect([first.total, second.next_cursor]).toEqual([3, null]);
  expect((await listConversations(world.deps, ann, { type: ["group"] })).items).toEqual([]);
  expect((await listConversations(world.deps, ann, { type: ["group", "direct"], count: true })).total).toBe(3);
});

test("someone who registered a moment ago can be written to, once the event of it arrives", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  const user_id = newId();
  const opening = openDirect(world.deps, ann, user_id);
  const naming = createConversation(world.deps, ann, { type: "group", usernames: ["Newcomer"] });
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
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  // An older event that comes late brings no name back.
  await world.apply("user.updated", { user_id: bob.user_id, username: "bob", full_name: "Bob" });
  const { participants } = await readConversation(world.db, ann, conversation.id);
  expect(participants.find(({ user_id }) => user_id === bob.user_id)).toMatchObject({
    username: null,
    full_name: "former member",
  });
  await expect(openDirect(world.deps, cid, bob.user_id)).rejects.toMatchObject(code("not_found"));
});

test("the direct conversation with somebody who was erased is still the same, and its user comes back to it", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const direct: NewConversation = { type: "direct", participant_ids: [bob.user_id] };
  const { conversation } = await createConversation(world.deps, ann, direct);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  const present = await readConversation(world.db, ann, conversation.id);
  expect(await createConversation(world.deps, ann, direct)).toEqual({ conversation: present, made: false });
  expect(
    await createConversation(world.deps, ann, { ...direct, participant_ids: [ann.user_id, bob.user_id, bob.user_id] }),
  ).toEqual({ conversation: present, made: false });
  await leaveConversation(world.deps, ann, conversation.id);
  const back = await createConversation(world.deps, ann, direct);
  expect(back).toMatchObject({ conversation: { id: conversation.id, last_seq: 0 }, made: false });
  expect((await listConversations(world.deps, ann, {})).items.map(({ id }) => id)).toEqual([conversation.id]);
  expect((await world.events()).slice(-2)).toEqual([
    "conversation.participant_removed",
    "conversation.participant_added",
  ]);
  // Without one of before there is nobody to begin one with; nor is a group begun with them.
  await expect(createConversation(world.deps, cid, direct)).rejects.toMatchObject(code("not_found"));
  await expect(createConversation(world.deps, ann, { ...direct, type: "group" })).rejects.toMatchObject(
    code("not_found"),
  );
});

test("the addresses and devices of an erased user are forgotten, those of others are not", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await openDirect(world.deps, ann, bob.user_id);
  await openDirect(world.deps, bob, (await world.person("cid")).user_id);
  await world.db.write([sql`update journal set ip_address = '192.0.2.1', device_info = 'Lynx'`]);
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  const rows = await world.db.query(sql`select actor_id, ip_address, device_info from journal order by seq`);
  expect(rows).toEqual([
    { actor_id: ann.user_id, ip_address: "192.0.2.1", device_info: "Lynx" },
    { actor_id: bob.user_id, ip_address: null, device_info: null },
  ]);
});

test("the directory follows users who are renamed, disabled and enabled", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await world.apply("user.updated", { user_id: ann.user_id, username: "anna", full_name: "Anna" });
  await world.apply("user.disabled", { user_id: ann.user_id, session_ids: [] });
  const look = () => world.db.query(sql`select username, full_name, is_active, erased_at from directory`);
  expect(await look()).toEqual([{ username: "anna", full_name: "Anna", is_active: 0, erased_at: null }]);
  await world.apply("user.enabled", { user_id: ann.user_id });
  expect(await look()).toMatchObject([{ is_active: 1 }]);
});
