import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command } from "@stoa/journal";
import { eventually } from "@stoa/testing";
import { changeConversation } from "../conversations/change.ts";
import { markRead } from "../conversations/mark-read.ts";
import { muteConversation } from "../conversations/mute.ts";
import { makeConversation } from "../import/make-conversation.ts";
import { writeMessages } from "../import/write-messages.ts";
import type { Message } from "../messages/schema.ts";
import { removeParticipant } from "../participants/remove.ts";
import { type ClientEvent, listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { addParticipant, createGroup, openDirect, sendMessage } from "../test/without-key.ts";
import { createWorld, type Person } from "../test/world.ts";

const named = (name: string) => (each: ClientEvent) => each.event === name;

test("a group that begins is told without its participants, a direct conversation with both", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using his = await listen(service, bob);
  await his.until(named("ready"));
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  const { data: group } = await his.until(named("conversation.created"));
  const { conversation_id, ...shared } = group;
  const { json } = await service.call(bob, "GET", `/conversations/${id}`);
  expect([conversation_id, "participants" in group]).toEqual([id, false]);
  expect(json).toMatchObject(shared);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const direct = await his.until(({ data }) => data["conversation_id"] === conversation.id);
  expect(direct.data["participants"]).toEqual(conversation.participants);
});

test("messages that were imported are told by where they are, also to who comes back, and by events of earlier versions", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  await using service = await serve(world);
  using his = await listen(service, bob);
  using others = await listen(service, eve);
  const { data: position } = await his.until(named("ready"));
  await others.until(named("ready"));
  const group = { id: newId(), type: "group", title: "Old", members: [ann.user_id, bob.user_id] } as const;
  await makeConversation(world.deps, system, { ...group, time: "2020-01-01T00:00:00.000Z" });
  const said = (content: string) => ({
    ...{ id: newId(), sender_id: ann.user_id, content, parent_id: null, edited_at: null },
    ...{ created_at: "2020-01-02T00:00:00.000Z", is_pinned: false, reactions: [] },
  });
  const place = { conversation_id: group.id, source: "mattermost" };
  await writeMessages(world.deps, system, place, [said("one"), said("two")]);
  await writeMessages(world.deps, system, place, [said("three")]);
  await his.until(({ data }) => data["to_seq"] === 3);
  const told = [
    ["conversation.created", group.id, undefined, undefined],
    ["conversation.imported", group.id, 1, 2],
    ["conversation.imported", group.id, 3, 3],
  ];
  const heard = ({ events }: { readonly events: readonly ClientEvent[] }) =>
    events
      .filter(({ event }) => event !== "ready")
      .map(({ event, data }) => [event, data["conversation_id"], data["from_seq"], data["to_seq"]]);
  expect(heard(his)).toEqual(told);
  const after = await service.call<{ items: Message[] }>(bob, "GET", `/conversations/${group.id}/messages?after_seq=2`);
  expect(after.json.items.map(({ content, is_read }) => [content, is_read])).toEqual([["three", true]]);
  using resumed = await listen(service, bob, { after: String(position["position"]) });
  await resumed.until(({ data }) => data["to_seq"] === 3);
  expect(heard(resumed)).toEqual(told);
  expect(others.events).toHaveLength(1);
  // An event of an earlier version does not say where they are.
  const earlier = { type: "conversation.imported", aggregate_id: group.id, time: new Date().toISOString() } as const;
  await command(
    world.db,
    system,
    { ...earlier, data: { conversation_id: group.id, source: "slack", messages: 3 } },
    [],
  );
  const { data } = await resumed.until(({ data: { from_seq, to_seq } }) => from_seq === 1 && to_seq === 3);
  expect(data).toMatchObject({ conversation_id: group.id, from_seq: 1, to_seq: 3 });
});

test("who comes, goes and renames a group is told by what changed alone, to each the same", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  using his = await listen(service, bob);
  using theirs = await listen(service, cid);
  await Promise.all([his, theirs].map((stream) => stream.until(named("ready"))));
  const { participants, version } = await addParticipant(world.deps, ann, id, cid.user_id);
  const came = {
    conversation_id: id,
    user_id: cid.user_id,
    participant: participants.find(({ user_id }) => user_id === cid.user_id),
    version,
    updated_at: expect.any(String),
  };
  for (const stream of [his, theirs]) {
    expect((await stream.until(named("conversation.participant_added"))).data).toEqual(came);
  }
  await changeConversation(world.deps, ann, id, { title: "Weir" });
  const { data } = await his.until(named("conversation.updated"));
  expect(data).toEqual({ conversation_id: id, title: "Weir", version: 3, updated_at: expect.any(String) });
  await muteConversation(world.deps, bob, id, true);
  expect((await his.until(named("conversation.muted"))).data).toEqual({ conversation_id: id, muted: true });
  // Whoever owns the group goes: it passes to another.
  await removeParticipant(world.deps, ann, id, ann.user_id);
  const { data: without } = await theirs.until(named("conversation.participant_removed"));
  expect(without).toMatchObject({ conversation_id: id, user_id: ann.user_id, version: 4 });
  const { json } = await service.call<{ participants: { user_id: string; role: string }[] }>(
    bob,
    "GET",
    `/conversations/${id}`,
  );
  const { data: owned } = await his.until(named("conversation.owner_changed"));
  expect(json.participants.find(({ role }) => role === "owner")?.user_id).toBe(String(owned["user_id"]));
  expect(theirs.events.some(named("conversation.muted"))).toBe(false);
});

test("someone who came and left again while a client was away is told as gone alone", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  using first = await listen(service, bob);
  await first.until(named("ready"));
  first.cut();
  await addParticipant(world.deps, ann, id, cid.user_id);
  await removeParticipant(world.deps, ann, id, cid.user_id);
  using again = await listen(service, bob, { after: first.last() });
  await again.until(named("conversation.participant_removed"));
  expect(again.events.map(({ event }) => event)).toEqual(["conversation.participant_removed"]);
});

/** A group with so many participants besides, of whom messaging knows no more. */
async function crowd(world: Awaited<ReturnType<typeof createWorld>>, owner: Person, besides: number, them: Person[]) {
  const { id } = await createGroup(world.deps, owner, { title: "G", user_ids: them.map(({ user_id }) => user_id) });
  await world.db.write([
    sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${besides})
      insert into participants (conversation_id, user_id, role, joined_at)
      select ${id}, 'crowd ' || i, 'member', '2026-01-01T00:00:00.000Z' from n`,
  ]);
  return id;
}

test("many read marks of one reader come as few, the last of them always, after what was read", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  using hers = await listen(service, ann);
  await hers.until(named("ready"));
  const began = performance.now();
  for (let n = 1; n <= 60; n++) {
    await sendMessage(world.deps, ann, conversation.id, { content: `${n}` });
    await markRead(world.deps, bob, conversation.id, n);
  }
  await hers.until(({ event, data }) => event === "read.moved" && data["seq"] === 60);
  const seconds = (performance.now() - began) / 1_000;
  const marks = hers.events.filter(named("read.moved"));
  expect(marks.length).toBeLessThanOrEqual(Math.floor(seconds) + 2);
  for (const mark of marks) {
    const before = hers.events.slice(0, hers.events.indexOf(mark));
    expect(before.some(({ event, data }) => event === "message.sent" && data["seq"] === mark.data["seq"])).toBe(true);
  }
});

test("a read mark that was held back when a stream was cut comes when it goes on", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const send = async (content: string) => sendMessage(world.deps, ann, conversation.id, { content });
  using first = await listen(service, ann);
  await first.until(named("ready"));
  await send("1");
  await markRead(world.deps, bob, conversation.id, 1);
  await first.until(named("read.moved"));
  await send("2");
  await markRead(world.deps, bob, conversation.id, 2);
  await send("3");
  // The message after the mark has come, and the mark waits yet, or has come too.
  await first.until(({ data }) => data["content"] === "3");
  const held = !first.events.some(({ event, data }) => event === "read.moved" && data["seq"] === 2);
  const after = first.last();
  first.cut();
  using again = await listen(service, ann, { after });
  await send("4");
  await again.until(({ data }) => data["content"] === "4");
  if (held) await again.until(({ event, data }) => event === "read.moved" && data["seq"] === 2);
  expect(again.events.filter(named("read.moved")).length).toBe(held ? 1 : 0);
});

test("among more than a hundred people a read mark goes to the reader's own devices alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const crowded = await crowd(world, ann, 99, [bob]);
  const small = await crowd(world, ann, 98, [bob]);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  await Promise.all([his, hers].map((stream) => stream.until(named("ready"))));
  for (const id of [crowded, small]) {
    await sendMessage(world.deps, ann, id, { content: "1" });
    await markRead(world.deps, bob, id, 1);
  }
  const read = (id: string) => (each: ClientEvent) =>
    each.event === "read.moved" && each.data["conversation_id"] === id && each.data["user_id"] === bob.user_id;
  await eventually(() => his.events.some(read(crowded)) && his.events.some(read(small)));
  await hers.until(read(small));
  expect(hers.events.some(read(crowded))).toBe(false);
});
