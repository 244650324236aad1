import { expect, test } from "bun:test";
import { newId, openDatabase } from "@stoa/db";
import { eventually, LOOKS_IN_A_SECOND } from "@stoa/testing";
import { markRead } from "../conversations/mark-read.ts";
import { muteConversation } from "../conversations/mute.ts";
import { conversationOf } from "../conversations/of-project.ts";
import { markNotificationsRead } from "../notifications/mark-read.ts";
import { leaveConversation, removeParticipant } from "../participants/remove.ts";
import { listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";
import { addParticipant, createGroup, openDirect, sendDirect, sendMessage } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { formatPosition, parsePosition } from "./position.ts";

const sent = (content: string) => (event: { event: string; data: Record<string, unknown> }) =>
  event.event === "message.sent" && event.data["content"] === content;

test("a stream begins with its position, and brings a message to sender and recipient as its GET shows it", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  using theirs = await listen(service, cid);
  for (const stream of [hers, his, theirs]) {
    expect((await stream.until(({ event }) => event === "ready")).id).toMatch(
      /^[0-9a-f]{8}-\d+-\d+-(?:[0-9a-f]{8}|0)-\d+$/,
    );
  }
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  for (const [stream, person] of [
    [hers, ann],
    [his, bob],
  ] as const) {
    const { data } = await stream.until(sent("hello"));
    const { json } = await service.call(person, "GET", `/messages/${message.id}`);
    expect(data).toEqual(json);
    const { data: created } = await stream.until(({ event }) => event === "conversation.created");
    expect(created).toMatchObject({ id: message.conversation_id, conversation_id: message.conversation_id });
  }
  expect(theirs.events.map(({ event }) => event)).toEqual(["ready"]);
});

test("a stream that was cut goes on with nothing missing and nothing twice", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const send = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, n) =>
        sendMessage(world.deps, ann, conversation.id, { content: `${from + n}` }),
      ),
    );
  const received: unknown[] = [];
  let after: string | undefined;
  using first = await listen(service, bob);
  await first.until(({ event }) => event === "ready");
  after = first.last();
  first.cut();
  // Cut again and again while messages flow.
  for (let round = 0; round < 8; round++) {
    const flowing = send(round * 20, round * 20 + 20);
    using stream = await listen(service, bob, { after });
    await stream.until(({ event }) => event === "message.sent");
    stream.cut();
    await eventually(stream.ended);
    received.push(...stream.events.map(({ data }) => data["seq"]));
    after = stream.last();
    await flowing;
  }
  using last = await listen(service, bob, { after });
  await eventually(() => received.length + last.events.length >= 160);
  received.push(...last.events.map(({ data }) => data["seq"]));
  expect(received).toEqual(Array.from({ length: 160 }, (_, n) => n + 1));
});

test("someone who is added to a conversation hears of that, not of what was before, live and after a cut", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using live = await listen(service, bob);
  await live.until(({ event }) => event === "ready");
  const { id } = await createGroup(world.deps, ann, { title: "G", user_ids: [] });
  await addParticipant(world.deps, ann, id, bob.user_id);
  await sendMessage(world.deps, ann, id, { content: "welcome" });
  await live.until(sent("welcome"));
  using resumed = await listen(service, bob, { after: live.events[0]?.id });
  await resumed.until(sent("welcome"));
  const user_ids = [...live.events.slice(1), ...resumed.events].map(({ data }) => data["user_id"]);
  expect(user_ids).toEqual([bob.user_id, undefined, undefined, bob.user_id, undefined, undefined]);
  expect(resumed.events.map(({ event }) => event)).toEqual([
    "conversation.participant_added",
    "notification.created",
    "message.sent",
  ]);
});

test("many listeners under load each get every message in order", async () => {
  await using world = await createWorld();
  const people = await world.people("ann", "bob", "cid", "dee", "eve");
  const [ann, ...others] = people;
  await using service = await serve(world);
  const group = await createGroup(world.deps, ann, { title: null, user_ids: others.map((p) => p.user_id) });
  const streams = await Promise.all([...people, ...people].map((person) => listen(service, person)));
  await Promise.all(streams.map((stream) => stream.until(({ event }) => event === "ready")));
  await Promise.all(
    Array.from({ length: 300 }, (_, n) => sendMessage(world.deps, people[n % 5] ?? ann, group.id, { content: `${n}` })),
  );
  for (const stream of streams) {
    await stream.until(({ data }) => data["seq"] === 300);
    const seqs = stream.events.filter(({ event }) => event === "message.sent").map(({ data }) => data["seq"]);
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
    stream.cut();
  }
  await eventually(() => service.streams.hub.size === 0);
});

test("a position of another journal, of the future, too old or unreadable is answered by reset, then live events", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world, { streams: { maxBehind: 5 } });
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  using now = await listen(service, ann);
  const { id } = await now.until(({ event }) => event === "ready");
  const begin = parsePosition(id) ?? expect.unreachable();
  const at = (journal: string, by: number) => {
    const { events, marks, work } = begin.places;
    const places = { events: events + by, marks: marks + by, work };
    return formatPosition({ journals: { ...begin.journals, events: journal }, places });
  };
  const { events: journal } = begin.journals;
  for (let n = 0; n < 6; n++) await sendMessage(world.deps, ann, conversation.id, { content: `${n}` });
  for (const after of [at("00000000", 0), at(journal, 999), id, "nonsense"]) {
    using stream = await listen(service, ann, { after });
    const reset = await stream.until(({ event }) => event === "reset");
    expect(reset).toMatchObject({
      id: at(journal, 6),
      data: { position: at(journal, 6) },
    });
    expect(stream.events).toHaveLength(1);
  }
  using stream = await listen(service, ann, { after: "nonsense" });
  await stream.until(({ event }) => event === "reset");
  await sendMessage(world.deps, bob, conversation.id, { content: "live" });
  await stream.until(sent("live"));
});

test("what one process writes reaches the streams of another within a second", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const other = await openDatabase(world.url);
  await using here = await serve(world);
  await using there = await serve(world, { db: other });
  using his = await listen(there, bob);
  await his.until(({ event }) => event === "ready");
  await here.call(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "across" });
  await his.until(sent("across"), { looks: LOOKS_IN_A_SECOND });
  his.cut();
  // And a stream begun at one goes on at the other.
  await here.call(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "meanwhile" });
  using again = await listen(here, bob, { after: his.last() });
  await again.until(sent("meanwhile"));
  expect(again.events.map(({ data }) => data["content"])).toEqual(["meanwhile"]);
  other.close();
});

test("a removed participant is told so and gets nothing more", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const group = await createGroup(world.deps, ann, { title: "G", user_ids: [bob.user_id] });
  using his = await listen(service, bob);
  using hers = await listen(service, ann);
  await Promise.all([his, hers].map((stream) => stream.until(({ event }) => event === "ready")));
  await removeParticipant(world.deps, ann, group.id, bob.user_id);
  await sendMessage(world.deps, ann, group.id, { content: "gone" });
  const removed = await his.until(({ event }) => event === "conversation.participant_removed");
  expect(removed.data).toEqual({ conversation_id: group.id, user_id: bob.user_id });
  expect((await hers.until(({ event }) => event === "conversation.participant_removed")).data).toEqual({
    conversation_id: group.id,
    user_id: bob.user_id,
    version: 2,
    updated_at: expect.any(String),
  });
  await hers.until(sent("gone"));
  await addParticipant(world.deps, ann, group.id, bob.user_id);
  await his.until(({ event }) => event === "conversation.participant_added");
  expect(his.events.some(sent("gone"))).toBe(false);
  // Nor by resuming from before the removal.
  await removeParticipant(world.deps, ann, group.id, bob.user_id);
  using resumed = await listen(service, bob, { after: his.events[0]?.id });
  await resumed.until(({ event }) => event === "conversation.participant_removed");
  expect(resumed.events.some(sent("gone"))).toBe(false);
});

test("nobody else hears that someone left a direct conversation", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  await Promise.all([his, hers].map((stream) => stream.until(({ event }) => event === "ready")));
  await leaveConversation(world.deps, ann, conversation.id);
  await hers.until(({ event }) => event === "conversation.participant_removed");
  await sendMessage(world.deps, bob, conversation.id, { content: "still there?" });
  await hers.until(sent("still there?"));
  await his.until(sent("still there?"));
  expect(his.events.map(({ event }) => event)).toEqual(["ready", "message.sent"]);
});

test("a project's conversation that goes to the trash says so, is silent there, and comes back whole", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  const id = conversationOf(project_id);
  const project = { project_id, name: "Apollo", version: 2 };
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  await world.apply("project.trashed", project, ann);
  expect((await his.until(({ event }) => event === "conversation.trashed")).data).toEqual({ conversation_id: id });
  await world.apply("project.updated", { ...project, name: "Hidden", changes: [] }, ann);
  await world.apply("project.restored", project, ann);
  const { data } = await his.until(({ event }) => event === "conversation.restored");
  const { json } = await service.call(bob, "GET", `/conversations/${id}`);
  const { conversation_id, ...shared } = data;
  expect(json).toMatchObject(shared);
  expect(conversation_id).toBe(id);
});

test("muting, and notifications that were read, reach the streams of that user alone", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { conversation } = await openDirect(world.deps, ann, bob.user_id);
  const task = { task_id: newId(), project_id: null, key: null, title: "Write", version: 1, changes: [] };
  await world.apply("task.assigned", { ...task, user_ids: [bob.user_id], removed_user_ids: [] }, ann);
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  await Promise.all([his, hers].map((stream) => stream.until(({ event }) => event === "ready")));
  await muteConversation(world.deps, bob, conversation.id, true);
  await muteConversation(world.deps, bob, conversation.id, false);
  await markNotificationsRead(world.deps, bob, null);
  expect((await his.until(({ event }) => event === "notification.read")).data).toEqual({
    user_id: bob.user_id,
    notification_ids: null,
  });
  expect(his.events.map(({ event }) => event)).toEqual([
    "ready",
    "conversation.muted",
    "conversation.unmuted",
    "notification.read",
  ]);
  await sendMessage(world.deps, ann, conversation.id, { content: "after" });
  await hers.until(sent("after"));
  expect(hers.events.map(({ event }) => event)).toEqual(["ready", "message.sent"]);
});

test("a read mark that moves is shown to the participants", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "1" });
  using hers = await listen(service, ann);
  await hers.until(({ event }) => event === "ready");
  await markRead(world.deps, bob, message.conversation_id, 1);
  expect((await hers.until(({ event }) => event === "read.moved")).data).toEqual({
    conversation_id: message.conversation_id,
    user_id: bob.user_id,
    seq: 1,
    read_seq: 1,
  });
});

test("an assignment reaches the assignee's stream, as the list of notifications shows it", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const project_id = await world.project(ann, bob);
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  const task = { task_id: newId(), project_id, key: "APO-1", title: "Write", version: 1, changes: [] };
  await world.apply("task.assigned", { ...task, user_ids: [bob.user_id], removed_user_ids: [] }, ann);
  const { data } = await his.until(({ event }) => event === "notification.created");
  const { json } = await service.call<{ items: unknown[] }>(bob, "GET", "/notifications");
  expect(json.items[0]).toEqual(data);
  expect(data).toMatchObject({ kind: "assigned", actor_id: ann.user_id, object: { type: "task", id: task.task_id } });
});
