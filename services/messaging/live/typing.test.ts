import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import type { Conversation } from "../conversations/schema.ts";
import { type ClientSocket, joinSocket } from "../test/client-socket.ts";
import { listen } from "../test/event-stream.ts";
import { exchanges } from "../test/exchanges.ts";
import { type Service, serve } from "../test/service.ts";
import { createWorld, type Person, type World } from "../test/world.ts";

async function room(world: World, options: Parameters<typeof serve>[1] = {}) {
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const service = await serve(world, options);
  const { json } = await service.call<Conversation>(ann, "POST", "/conversations", {
    type: "group",
    title: "Launch",
    participant_ids: [bob.user_id, cid.user_id],
  });
  return { ann, bob, cid, service, id: json.id };
}

/** Opens a conversation at a socket, and waits until the server knows. */
async function view(socket: ClientSocket, conversation_id: string | null) {
  socket.send({ type: "view", conversation_id });
  await settled(socket);
}

/** Frames are taken in order: when a refused one is answered, those before were taken. */
async function settled(socket: ClientSocket) {
  const frame = `mark-${socket.frames.length}`;
  socket.send({ type: frame });
  await socket.untilFrame((answer) => answer["frame"] === frame);
}

const type = (service: Service, person: Person, id: string) =>
  service.call(person, "PUT", `/conversations/${id}/typing`);
const typings = (socket: ClientSocket) =>
  socket.frames.filter(({ event }) => event === "typing").map(({ data }) => (data as { user_id: string }).user_id);

test("whoever has the conversation open sees who types for ten seconds; others, streams and oneself do not", async () => {
  await using world = await createWorld();
  const { ann, bob, cid, service, id } = await room(world);
  await using _ = service;
  using stream = await listen(service, bob);
  using looks = await joinSocket(service, bob);
  using elsewhere = await joinSocket(service, cid);
  using own = await joinSocket(service, ann);
  await view(looks, id);
  await view(own, id);
  const before = Date.now();
  expect((await type(service, ann, id)).status).toBe(204);
  const { data } = await looks.until(({ event }) => event === "typing");
  expect(data).toEqual({ conversation_id: id, user_id: ann.user_id, until: expect.any(String) });
  expect(Date.parse(String(data["until"])) - before).toBeWithin(10_000, 20_000);
  expect(looks.frames.find(({ event }) => event === "typing")).not.toHaveProperty("id");
  for (const socket of [elsewhere, own]) {
    await settled(socket);
    expect(typings(socket)).toEqual([]);
  }
  expect(stream.events.map(({ event }) => event)).toEqual(["ready"]);
  // Whoever opens it later is told who types there.
  await view(elsewhere, id);
  expect(typings(elsewhere)).toEqual([ann.user_id]);
});

test("a socket has one conversation open; over it typing is said too, and twice in a second it is told once", async () => {
  await using world = await createWorld();
  let late = 0;
  const { ann, bob, service, id } = await room(world, { streams: { now: () => new Date(Date.now() + late) } });
  await using _ = service;
  using looks = await joinSocket(service, bob);
  using hers = await joinSocket(service, ann);
  await view(looks, id);
  for (const _again of [1, 2]) hers.send({ type: "typing", conversation_id: id });
  await settled(hers);
  await settled(looks);
  expect(typings(looks)).toEqual([ann.user_id]);
  late = 5_000;
  // An id is the same in upper case, in a frame as anywhere.
  hers.send({ type: "typing", conversation_id: id.toUpperCase() });
  await settled(hers);
  await settled(looks);
  expect(typings(looks)).toEqual([ann.user_id, ann.user_id]);
  await view(looks, null);
  late = 16_000;
  await type(service, ann, id);
  await settled(looks);
  expect(typings(looks)).toHaveLength(2);
});

test("whoever was removed sees nobody type there, though they still have it open", async () => {
  await using world = await createWorld();
  const { ann, bob, cid, service, id } = await room(world);
  await using _ = service;
  using gone = await joinSocket(service, cid);
  using stays = await joinSocket(service, bob);
  await view(gone, id);
  await view(stays, id);
  await service.call(ann, "DELETE", `/conversations/${id}/participants/${cid.user_id}`);
  await type(service, ann, id);
  await stays.until(({ event }) => event === "typing");
  await settled(gone);
  expect(typings(gone)).toEqual([]);
});

test("above a hundred people nobody is told", async () => {
  await using world = await createWorld();
  const { ann, bob, service, id } = await room(world);
  await using _ = service;
  using looks = await joinSocket(service, bob);
  await view(looks, id);
  await world.db.write([
    sql`insert into participants (conversation_id, user_id, role, joined_at)
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 98)
      select ${id}, 'member ' || i, 'member', '2026-01-01T00:00:00.000Z' from n`,
  ]);
  expect((await type(service, ann, id)).status).toBe(204);
  await settled(looks);
  expect(typings(looks)).toEqual([]);
  await world.db.write([sql`delete from participants where user_id = 'member 1'`]);
  await type(service, ann, id);
  await looks.until(({ event }) => event === "typing");
});

test("between two of whom one has blocked the other nobody is told, and nobody learns of the block", async () => {
  await using world = await createWorld();
  const { ann, bob, service } = await room(world);
  await using _ = service;
  const { json } = await service.call<Conversation>(ann, "POST", "/conversations", {
    type: "direct",
    participant_ids: [bob.user_id],
  });
  using looks = await joinSocket(service, bob);
  await view(looks, json.id);
  await service.call(bob, "PUT", `/blocks/${ann.user_id}`);
  expect((await type(service, ann, json.id)).status).toBe(204);
  await settled(looks);
  expect(typings(looks)).toEqual([]);
});

test("typing reaches those who look at another instance, in one message a second", async () => {
  await using world = await createWorld();
  const between = exchanges();
  const { ann, bob, cid, service, id } = await room(world, { streams: { exchange: between.of(), liveMs: 20 } });
  await using _ = service;
  await using there = await serve(world, { streams: { exchange: between.of(), liveMs: 20 } });
  using looks = await joinSocket(there, bob);
  await view(looks, id);
  const before = between.told.length;
  await Promise.all([type(service, ann, id), type(service, cid, id), type(service, ann, id)]);
  await looks.until(({ event, data }) => event === "typing" && data["user_id"] === cid.user_id);
  await looks.until(({ event, data }) => event === "typing" && data["user_id"] === ann.user_id);
  const all = between.told.slice(before).flatMap(({ typing }) => typing.map(({ user_id }) => user_id));
  expect(all.sort()).toEqual([ann.user_id, cid.user_id].sort());
});

test("saying it takes one round trip, and with someone who looks two; 403 and 404 say nothing", async () => {
  await using world = await createWorld();
  const { ann, bob, service, id } = await room(world);
  await using _ = service;
  const eve = await world.person("eve");
  expect(await roundTrips(world.db, () => type(service, ann, id))).toBe(1);
  using looks = await joinSocket(service, bob);
  await view(looks, id);
  const cid = { ...eve };
  expect((await type(service, cid, id)).status).toBe(403);
  expect((await type(service, ann, "nothing")).status).toBe(404);
  await settled(looks);
  expect(typings(looks)).toEqual([ann.user_id]);
});
