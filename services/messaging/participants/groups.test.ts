import { expect, test } from "bun:test";
import { newId, raw, sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import { purgeConversations } from "../conversations/purge.ts";
import { readConversation } from "../conversations/read.ts";
import type { Conversation } from "../conversations/schema.ts";
import { maintain } from "../maintenance.ts";
import { listen } from "../test/event-stream.ts";
import { group } from "../test/group.ts";
import { serve } from "../test/service.ts";
import { createGroup, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import { putParticipant } from "./put.ts";
import { leaveConversation, removeParticipant } from "./remove.ts";

const code = (expected: string) => ({ code: expected });

const rolesOf = ({ participants }: Conversation) =>
  Object.fromEntries(participants.map(({ username, role }) => [username, role]));

const handOver = (world: World, actor: Person, id: string, user_id: string) =>
  putParticipant(world.deps, actor, id, user_id, { role: "owner" });

/** Messaging's clock, some days from now. */
const after = (world: World, days: number) => ({
  ...world.deps,
  now: () => new Date(Date.now() + days * 86_400_000),
});

test("its owner hands a group over; there is one owner, and only they, or a superuser, may", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, eve] = await world.people("ann", "bob", "cid", "eve");
  const root = { ...(await world.person("root")), is_superuser: true };
  const { service, conversation } = await group(world, ann, bob, cid);
  await using _ = service;
  const put = (as: Person, who: Person, body?: unknown, headers?: Record<string, string>) =>
    service.call<Conversation & { error_code: string }>(
      as,
      "PUT",
      `/conversations/${conversation.id}/participants/${who.user_id}`,
      body,
      headers,
    );
  const owner = { role: "owner" };
  for (const person of [bob, eve]) expect((await put(person, person, owner)).status).toBe(403);
  const handed = await put(ann, bob, owner);
  expect([handed.status, rolesOf(handed.json), handed.json.version]).toEqual([
    200,
    { ann: "member", bob: "owner", cid: "member" },
    2,
  ]);
  expect(handed.headers.get("etag")).toBe('"2"');
  expect((await put(ann, ann, owner)).status).toBe(403);
  // What is so already changes nothing.
  for (const [who, body] of [
    [bob, owner],
    [bob, {}],
    [bob, undefined],
    [cid, { role: "member" }],
  ] as const) {
    expect(await put(bob, who, body)).toMatchObject({ status: 200, json: { version: 2 } });
  }
  expect(await put(bob, bob, { role: "member" })).toMatchObject({ status: 409, json: { error_code: "last_owner" } });
  expect((await put(bob, ann, { role: "king" })).status).toBe(422);
  expect((await put(bob, ann, owner, { "if-match": '"1"' })).status).toBe(412);
  // A superuser may hand it to someone new.
  const given = await put(root, eve, owner, { "if-match": '"2"' });
  expect([given.status, rolesOf(given.json)]).toEqual([
    200,
    { ann: "member", bob: "member", cid: "member", eve: "owner" },
  ]);
  const events = (await world.events()).filter((type) => type.startsWith("conversation."));
  expect(events.slice(1)).toEqual([
    "conversation.owner_changed",
    "conversation.participant_added",
    "conversation.owner_changed",
  ]);
});

test("a group is handed over to nobody who does not exist, or was erased; who has left meanwhile is in it again", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, cid.user_id] });
  await expect(handOver(world, ann, id, newId())).rejects.toMatchObject(code("not_found"));
  await world.apply("user.erased", { user_id: cid.user_id, session_ids: [] });
  await expect(handOver(world, ann, id, cid.user_id)).rejects.toMatchObject(code("not_found"));
  meanwhile(world.db, () => leaveConversation(world.deps, bob, id));
  const given = await handOver(world, ann, id, bob.user_id);
  expect(given.participants.find(({ user_id }) => user_id === bob.user_id)?.role).toBe("owner");
  expect((await world.events()).filter((type) => type.startsWith("conversation.")).slice(1)).toEqual([
    "conversation.participant_removed",
    "conversation.participant_added",
    "conversation.owner_changed",
  ]);
});

test("of two who hand it over at once one does, the other may no more", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id, cid.user_id] });
  const answers = await Promise.allSettled([bob, cid].map((one) => handOver(world, ann, id, one.user_id)));
  expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const { participants } = await readConversation(world.db, ann, id);
  expect(participants.filter(({ role }) => role === "owner")).toHaveLength(1);
});

test("whoever inherits a group is told, and so is everyone in it; erased ones inherit last", async () => {
  await using world = await createWorld();
  const [ann, bob, cid, dee] = await world.people("ann", "bob", "cid", "dee");
  await using service = await serve(world);
  const people = [bob, cid, dee].map(({ user_id }) => user_id);
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: people });
  await world.apply("user.erased", { user_id: bob.user_id, session_ids: [] });
  using stream = await listen(service, dee);
  await stream.until(({ event }) => event === "ready");
  await leaveConversation(world.deps, ann, id);
  const { data } = await stream.until(({ event }) => event === "conversation.owner_changed");
  const { participants } = await readConversation(world.db, dee, id);
  const owner = participants.find(({ role }) => role === "owner");
  expect(owner?.user_id).not.toBe(bob.user_id);
  expect(data).toMatchObject({ conversation_id: id, user_id: owner?.user_id });
  expect(stream.events.map(({ event }) => event)).toEqual([
    "ready",
    "conversation.participant_removed",
    "conversation.owner_changed",
  ]);
});

test("a group has 500 participants at most, made so or added one by one", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  const ids = Array.from({ length: 501 }, () => newId());
  await world.db.write([
    sql`insert into directory (user_id, username, full_name)
      select value, 'user' || key, null from json_each(${JSON.stringify(ids)})`,
  ]);
  await using service = await serve(world);
  const make = (participant_ids: string[], more: object = {}) =>
    service.call<Conversation>(ann, "POST", "/conversations", { type: "group", participant_ids, ...more });
  expect((await make(ids.slice(0, 500))).status).toBe(422);
  expect(await make(ids.slice(0, 499), { usernames: ["user500"] })).toMatchObject({
    status: 422,
    json: { errors: [{ path: "/participant_ids" }] },
  });
  const made = await make(ids.slice(0, 498));
  expect([made.status, made.json.participants.length, made.json.unread]).toEqual([201, 499, 0]);
  const add = (user_id = "") => service.call(ann, "PUT", `/conversations/${made.json.id}/participants/${user_id}`);
  expect((await add(ids[498])).status).toBe(200);
  expect(await add(ids[499])).toMatchObject({ status: 409, json: { error_code: "group_full" } });
  // Someone who is in it already stays.
  expect((await add(ids[0])).status).toBe(200);
  expect((await make(ids.slice(0, 499))).json.participants).toHaveLength(500);
});

test("a group that its last participant leaves, or is removed from, is in the trash: nobody finds it", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const root = { ...(await world.person("root")), is_superuser: true };
  await using service = await serve(world);
  for (const end of [
    (id: string) => leaveConversation(world.deps, ann, id),
    (id: string) => removeParticipant(world.deps, root, id, ann.user_id),
  ]) {
    const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
    const { message } = await sendMessage(world.deps, ann, id, { content: "alone" });
    await end(id);
    for (const person of [ann, bob, root]) {
      for (const path of [`/conversations/${id}`, `/conversations/${id}/messages`, `/messages/${message.id}`]) {
        expect((await service.call(person, "GET", path)).status).toBe(404);
      }
      expect((await service.call(person, "PUT", `/conversations/${id}/participants/${bob.user_id}`)).status).toBe(404);
    }
  }
  expect((await world.events()).filter((type) => type === "conversation.trashed")).toHaveLength(2);
});

test("it goes for good after 30 days, with all that was said in it, and says so once; others stay", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const project_id = await world.project(ann);
  const rows = async () => {
    const counted = ["conversations", "participants", "messages"].map((it) => `(select count(*) from ${it}) as ${it}`);
    return (await rowsOf(world.db, raw(`select ${counted.join(", ")}`)))[0];
  };
  const kept = await createGroup(world.deps, bob, { title: "kept", user_ids: [] });
  await sendMessage(world.deps, bob, kept.id, { content: "kept" });
  await world.apply("project.trashed", { project_id, name: "Apollo", version: 2 });
  const before = await rows();
  const { id } = await createGroup(world.deps, ann, { title: "gone", user_ids: [] });
  for (let n = 0; n < 3; n++) {
    const { message } = await sendMessage(world.deps, ann, id, { content: `${n}` });
    await sendMessage(world.deps, ann, id, { content: "re", parent_id: message.id });
  }
  // More than one write takes.
  await world.db.write([
    sql`insert into messages (id, conversation_id, seq, type, content, created_at, updated_at)
      select 'm' || value, ${id}, value, 'system', 'x', '2026-01-01', '2026-01-01'
      from json_each(${JSON.stringify(Array.from({ length: 1_200 }, (_, n) => n + 7))})`,
  ]);
  await leaveConversation(world.deps, ann, id);
  await maintain(after(world, 29.9));
  expect(await rows()).not.toEqual(before);
  // A turn that is cut in the middle is continued by the next one.
  meanwhile(world.db, () => Promise.reject(new Error("killed")));
  await expect(purgeConversations(after(world, 30))).rejects.toThrow("killed");
  await Promise.all([maintain(after(world, 30)), maintain(after(world, 30))]);
  expect(await rows()).toEqual(before);
  expect((await world.events()).filter((type) => type === "conversation.purged")).toHaveLength(1);
});

test("a stream tells whoever blocks someone of it, and never who is blocked", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  for (const stream of [hers, his]) await stream.until(({ event }) => event === "ready");
  await service.call(ann, "PUT", `/blocks/${bob.user_id}`);
  await service.call(ann, "DELETE", `/blocks/${bob.user_id}`);
  const { data } = await hers.until(({ event }) => event === "block.removed");
  expect(data).toEqual({ user_id: ann.user_id, blocked_id: bob.user_id });
  await service.call(bob, "POST", "/conversations", { type: "group", participant_ids: [ann.user_id] });
  await his.until(({ event }) => event === "conversation.created");
  expect(his.events.map(({ event }) => event)).toEqual(["ready", "conversation.created"]);
  using resumed = await listen(service, bob, { after: his.events[0]?.id });
  await resumed.until(({ event }) => event === "conversation.created");
  expect(resumed.events.map(({ event }) => event)).toEqual(["conversation.created"]);
});
