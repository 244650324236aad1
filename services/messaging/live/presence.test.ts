import { expect, test } from "bun:test";
import { eventually, roundTrips } from "@stoa/testing";
import { type ClientSocket, joinSocket } from "../test/client-socket.ts";
import { listen } from "../test/event-stream.ts";
import { exchanges } from "../test/exchanges.ts";
import { type Service, serve } from "../test/service.ts";
import { sendDirect } from "../test/without-key.ts";
import { createWorld, type Person, type World } from "../test/world.ts";
import type { Presence } from "./schema.ts";

const liveMs = 20;

async function friends(world: World) {
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  return { ann, bob, eve, conversation_id: message.conversation_id };
}

const ask = async (service: Service, person: Person, ...ids: string[]) =>
  (await service.call<{ items: Presence[] }>(person, "GET", `/presence?user_ids=${ids.join(",")}`)).json.items;
const say = (service: Service, person: Person, status: string) => service.call(person, "PUT", "/presence", { status });
const statuses = (socket: ClientSocket, { user_id }: Person) =>
  socket.events.flatMap(({ event, data }) =>
    event === "presence" && data["user_id"] === user_id ? [String(data["status"])] : [],
  );

test("whoever has a stream or a socket is online, and offline soon after the last one ended", async () => {
  await using world = await createWorld();
  let late = 0;
  await using service = await serve(world, { streams: { liveMs, now: () => new Date(Date.now() + late) } });
  const { ann, bob } = await friends(world);
  expect(await ask(service, bob, ann.user_id)).toEqual([{ user_id: ann.user_id, status: "offline" }]);
  const [stream, socket] = [await listen(service, ann), await joinSocket(service, ann)];
  await eventually(async () => (await ask(service, bob, ann.user_id))[0]?.status === "online");
  stream.cut();
  socket.cut();
  await eventually(() => service.streams.hub.size === 0);
  // One who comes back at once was never away.
  expect((await ask(service, bob, ann.user_id))[0]?.status).toBe("online");
  late = 59_000;
  expect((await ask(service, bob, ann.user_id))[0]?.status).toBe("offline");
});

test("only for those who share a conversation with whoever asks, and for themselves", async () => {
  await using world = await createWorld();
  await using service = await serve(world, { streams: { liveMs } });
  const { ann, bob, eve } = await friends(world);
  for (const person of [ann, bob, eve]) await say(service, person, "online");
  expect(await ask(service, ann, bob.user_id.toUpperCase(), eve.user_id, "me")).toEqual([
    { user_id: bob.user_id, status: "online" },
    { user_id: ann.user_id, status: "online" },
  ]);
  expect(await ask(service, eve, bob.user_id, ann.user_id)).toEqual([]);
  const path = (ids: string) => service.call(ann, "GET", `/presence${ids}`);
  expect(await roundTrips(world.db, () => path(`?user_ids=${bob.user_id}`))).toBe(1);
  for (const bad of ["", "?user_ids=", "?user_ids=bob", "?user_ids=none", `?user_ids=${"me,".repeat(100)}me`]) {
    expect((await path(bad)).status).toBe(422);
  }
  for (const body of [{}, { status: "offline" }, { status: "away", until: 1 }]) {
    expect((await service.call(ann, "PUT", "/presence", body)).status).toBe(422);
  }
});

test("a user is away when each of their sessions is, and what was said holds for a minute", async () => {
  await using world = await createWorld();
  let late = 0;
  await using service = await serve(world, { streams: { liveMs, now: () => new Date(Date.now() + late) } });
  const { ann, bob } = await friends(world);
  const phone: Person = { ...ann, session_id: crypto.randomUUID() };
  expect(await roundTrips(world.db, () => say(service, ann, "away"))).toBe(0);
  expect((await say(service, ann, "away")).json).toEqual({ user_id: ann.user_id, status: "away" });
  expect((await say(service, phone, "online")).json).toEqual({ user_id: ann.user_id, status: "online" });
  await say(service, phone, "away");
  expect((await ask(service, bob, ann.user_id))[0]?.status).toBe("away");
  using _socket = await joinSocket(service, phone);
  late = 61_000;
  expect((await ask(service, bob, ann.user_id))[0]?.status).toBe("away");
  _socket.cut();
  await eventually(() => service.streams.hub.size === 0);
  late = 122_000;
  expect((await ask(service, bob, ann.user_id))[0]?.status).toBe("offline");
});

test("a socket is told how those are whom it asked about, at once and when that changes; not of others", async () => {
  await using world = await createWorld();
  let late = 0;
  await using service = await serve(world, { streams: { liveMs, now: () => new Date(Date.now() + late) } });
  const { ann, bob, eve } = await friends(world);
  using looks = await joinSocket(service, bob);
  looks.send({ type: "presence", user_ids: [ann.user_id, eve.user_id] });
  await looks.until(({ event }) => event === "presence");
  expect(looks.frames.find(({ event }) => event === "presence")).not.toHaveProperty("id");
  using _eves = await joinSocket(service, eve);
  const hers = await joinSocket(service, ann);
  await eventually(() => statuses(looks, ann).length === 2);
  await say(service, ann, "away");
  await eventually(() => statuses(looks, ann).length === 3);
  hers.cut();
  await eventually(() => service.streams.hub.size === 2);
  late = 59_000;
  await eventually(() => statuses(looks, ann).length === 4);
  expect(statuses(looks, ann)).toEqual(["offline", "online", "away", "offline"]);
  expect(statuses(looks, eve)).toEqual([]);
  // Asking anew replaces what was asked.
  looks.send({ type: "presence", user_ids: [] });
  looks.send({ type: "mark" });
  await looks.untilFrame(({ frame }) => frame === "mark");
  await say(service, ann, "online");
  await eventually(async () => (await ask(service, bob, ann.user_id))[0]?.status === "online");
  expect(statuses(looks, ann)).toHaveLength(4);
});

test("whoever shares no conversation any more is told nothing more", async () => {
  await using world = await createWorld();
  await using service = await serve(world, { streams: { liveMs } });
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const body = { type: "group", title: "G", participant_ids: [bob.user_id, cid.user_id] };
  const { json } = await service.call<{ id: string }>(ann, "POST", "/conversations", body);
  using gone = await joinSocket(service, bob);
  using stays = await joinSocket(service, cid);
  for (const socket of [gone, stays]) {
    socket.send({ type: "presence", user_ids: [ann.user_id] });
    await socket.until(({ event }) => event === "presence");
  }
  await service.call(ann, "DELETE", `/conversations/${json.id}/participants/${bob.user_id}`);
  await say(service, ann, "online");
  await eventually(() => statuses(stays, ann).length === 2);
  expect(statuses(gone, ann)).toEqual(["offline"]);
});

test("all instances know who is where; one that comes later asks, and one that dies is believed for less than a minute", async () => {
  await using world = await createWorld();
  let late = 0;
  const now = () => new Date(Date.now() + late);
  const between = exchanges();
  const instance = () => serve(world, { streams: { exchange: between.of(), liveMs, now } });
  await using here = await instance();
  const { ann, bob } = await friends(world);
  using _hers = await joinSocket(here, ann);
  await eventually(() => between.told.some(({ sessions }) => sessions.length > 0));
  const there = await instance();
  const status = async (service: Service) => (await ask(service, bob, ann.user_id))[0]?.status;
  await eventually(async () => (await status(there)) === "online");
  await say(there, ann, "away");
  await eventually(async () => (await status(here)) === "away");
  // It is said again before the others stop believing it.
  late = 30_000;
  await eventually(() => between.told.filter(({ sessions }) => sessions.some((s) => s.here)).length > 2);
  late = 60_000;
  await eventually(async () => (await status(there)) === "away");
  // A message that is lost, or a process that was killed: nobody says it any more.
  const forged = { instance: "killed", sessions: [], typing: [] };
  const session = { user_id: bob.user_id, session_id: "s", here: true, status: "online" as const, said_at: 0 };
  between.of().send({ ...forged, sessions: [session] });
  const his = async () => (await ask(there, ann, bob.user_id))[0]?.status;
  expect(await his()).toBe("online");
  late = 119_000;
  expect(await his()).toBe("offline");
  await there[Symbol.asyncDispose]();
});
