import { expect, test } from "bun:test";
import { DatabaseError, newId } from "@stoa/db";
import { eventually, intercepted, LOOKS_IN_A_SECOND, silent } from "@stoa/testing";
import type { Message } from "../../messages/schema.ts";
import { connectSocket, joinSocket } from "../../test/client-socket.ts";
import { listen } from "../../test/event-stream.ts";
import { serve } from "../../test/service.ts";
import { sendDirect } from "../../test/without-key.ts";
import { createWorld } from "../../test/world.ts";
import { SocketSession } from "./session.ts";

const isReady = ({ event }: { event: string }) => event === "ready";
const sent = (content: string) => (each: { event: string; data: Record<string, unknown> }) =>
  each.event === "message.sent" && each.data["content"] === content;

test("a socket gets the events of the stream, with the same ids and data", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using stream = await listen(service, bob);
  using socket = await joinSocket(service, bob);
  await Promise.all([stream.until(isReady), socket.until(isReady)]);
  await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  const [one, other] = await Promise.all([stream.until(sent("hello")), socket.until(sent("hello"))]);
  expect(other).toEqual(one);
  expect(socket.events).toEqual(stream.events);
  expect(socket.frames[0]).toEqual({
    type: "authenticated",
    session_id: bob.session_id,
    expires_in: expect.any(Number),
  });
});

test("a socket that was cut goes on after its position, from the frame or the query", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  const say = (content: string) => sendDirect(world.deps, ann, { recipient_id: bob.user_id, content });
  const socket = await joinSocket(service, bob);
  await say("1");
  await socket.until(sent("1"));
  const after = socket.last();
  socket.cut();
  for (const content of ["2", "3"]) await say(content);
  using again = await joinSocket(service, bob, { after });
  await again.until(sent("3"));
  using third = await connectSocket(service, { query: `?after=${after}` });
  third.send({ type: "authenticate", token: await service.token(bob) });
  await third.until(sent("3"));
  for (const its of [again, third]) expect(its.events.map(({ data }) => data["content"])).toEqual(["2", "3"]);
  using stranger = await joinSocket(service, bob, { after: "01234567-1" });
  await stranger.until(({ event }) => event === "reset");
});

test("a ticket or a header opens it without a frame; a ticket works once, and a bad one opens nothing", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  const { json } = await service.call<{ ticket: string }>(ann, "POST", "/stream/ticket");
  using by = await connectSocket(service, { query: `?ticket=${json.ticket}` });
  await by.until(isReady);
  using header = await connectSocket(service, { headers: { authorization: `Bearer ${await service.token(ann)}` } });
  await header.until(isReady);
  for (const query of [`?ticket=${json.ticket}`, "?ticket=nonsense"]) {
    await expect(connectSocket(service, { query })).rejects.toThrow("1006");
  }
  await expect(connectSocket(service, { headers: { authorization: "Bearer nonsense" } })).rejects.toThrow("1006");
});

test("without a handshake it is refused by the token first, and no ticket is used up", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  const { json } = await service.call<{ ticket: string }>(ann, "POST", "/stream/ticket");
  const ask = async (person: typeof ann | null, method: string, path: string, headers?: Record<string, string>) => {
    const answer = await service.call<{ error_code?: string } | null>(person, method, path, undefined, headers);
    return [answer.status, answer.json?.error_code, answer.headers.get("upgrade")];
  };
  expect(await ask(null, "GET", "/ws")).toEqual([401, "unauthorized", null]);
  expect(await ask(null, "GET", "/ws", { authorization: "Bearer x" })).toEqual([401, "invalid_token", null]);
  expect(await ask(ann, "GET", "/ws")).toEqual([426, "upgrade_required", "websocket"]);
  expect((await ask(null, "HEAD", `/ws?ticket=${json.ticket}`, { upgrade: "websocket" }))[0]).toBe(426);
  for (let times = 0; times < 2; times++) {
    expect((await ask(null, "HEAD", `/stream?ticket=${json.ticket}`))[0]).toBe(200);
  }
  using opened = await connectSocket(service, { query: `?ticket=${json.ticket}` });
  await opened.until(isReady);
  expect((await ask(null, "HEAD", `/stream?ticket=${json.ticket}`))[0]).toBe(401);
  // In these tests `call` has no connection that could become a socket.
  expect((await ask(ann, "GET", "/ws", { upgrade: "websocket" }))[0]).toBe(426);
});

test("close codes say whether to come back", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world, { streams: { maxPerUser: 1 } });
  const first = async (frame: unknown) => {
    using socket = await connectSocket(service);
    socket.send(frame);
    return await socket.untilClosed();
  };
  const expired = await service.token(ann, { exp: 1_000 });
  service.revocations.apply({
    type: "stoa.identity.session.revoked.v1",
    time: new Date().toISOString(),
    data: { user_id: bob.user_id, session_ids: [bob.session_id], reason: "logout" },
  });
  expect(await first({ type: "view", conversation_id: null })).toBe("4100 unauthorized");
  expect(await first({ type: "authenticate", token: "nonsense" })).toBe("4101 invalid_token");
  expect(await first({ type: "authenticate", token: expired })).toBe("4001 token_expired");
  expect(await first({ type: "authenticate", token: await service.token(bob) })).toBe("4102 session_revoked");
  expect(await first({ type: "authenticate" })).toBe("4103 malformed_frame");
  for (const frame of ["text", null, 7, [], { type: 7 }]) expect(await first(frame)).toBe("4103 malformed_frame");
  using broken = await connectSocket(service);
  broken.raw("{");
  expect(await broken.untilClosed()).toBe("4103 malformed_frame");
  using socket = await joinSocket(service, ann);
  expect(await first({ type: "authenticate", token: await service.token(ann) })).toBe("4005 rate_limited");
  socket.raw(new Uint8Array([1, 2]));
  expect(await socket.untilClosed()).toBe("4103 malformed_frame");
});

test("whoever does not say who they are is closed", async () => {
  await using world = await createWorld();
  await using service = await serve(world, { streams: { unauthenticatedMs: 50 } });
  using socket = await connectSocket(service);
  expect(await socket.untilClosed()).toBe("4100 unauthorized");
});

test("a frame that is refused is answered, and the socket goes on", async () => {
  await using world = await createWorld();
  const [ann, bob, eve] = await world.people("ann", "bob", "eve");
  await using service = await serve(world);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "x" });
  using socket = await joinSocket(service, eve);
  socket.send({ type: "view", conversation_id: message.conversation_id });
  socket.send({ type: "typing", conversation_id: newId() });
  socket.send({ type: "dance" });
  socket.send({ type: "view", conversation_id: 7, more: 1 });
  socket.send({ type: "view", conversation_id: `a${"\u0316\u0301".repeat(3_000)}` });
  await eventually(() => socket.frames.filter(({ type }) => type === "error").length === 5);
  expect(socket.frames.filter(({ type }) => type === "error")).toMatchObject([
    { frame: "view", error_code: "forbidden" },
    { frame: "typing", error_code: "not_found" },
    { frame: "dance", error_code: "validation_failed", errors: [{ path: "/type" }] },
    { frame: "view", error_code: "validation_failed", errors: [{ path: "/more" }, { path: "/conversation_id" }] },
    // Normalizing it would take a while.
    { frame: "view", errors: [{ message: "Text must not have more than 30 combining marks in a row." }] },
  ]);
  expect(socket.closed()).toBeUndefined();
});

test("a client that floods is closed", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  using socket = await joinSocket(service, ann);
  for (let n = 0; n < 200; n++) socket.send({ type: "view", conversation_id: null });
  expect(await socket.untilClosed()).toBe("4005 rate_limited");
  await eventually(() => service.streams.hub.size === 0);
});

test("a newer token of the same session keeps a socket open past the expiry of the first one; others do not", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  let late = 0;
  await using service = await serve(world, { streams: { now: () => new Date(Date.now() + late) } });
  const seconds = Math.floor(Date.now() / 1_000);
  using renewed = await joinSocket(service, ann, { claims: { exp: seconds + 60 } });
  using left = await joinSocket(service, ann, { claims: { exp: seconds + 60 } });
  renewed.send({ type: "authenticate", token: await service.token(bob) });
  await renewed.untilFrame(({ type, error_code }) => type === "error" && error_code === "forbidden");
  renewed.send({ type: "authenticate", token: await service.token(ann, { exp: seconds + 200 }) });
  await eventually(() => renewed.frames.filter(({ type }) => type === "authenticated").length === 2);
  late = 61_000;
  expect(await left.untilClosed({ looks: LOOKS_IN_A_SECOND })).toBe("4001 token_expired");
  await sendDirect(world.deps, bob, { recipient_id: ann.user_id, content: "still there" });
  await renewed.until(sent("still there"));
  late = 201_000;
  expect(await renewed.untilClosed()).toBe("4001 token_expired");
});

test("a socket ends within a second of its session, and only that socket", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using hers = await joinSocket(service, ann);
  using his = await joinSocket(service, bob);
  service.revocations.apply({
    type: "stoa.identity.session.revoked.v1",
    time: new Date().toISOString(),
    data: { user_id: ann.user_id, session_ids: [ann.session_id], reason: "logout" },
  });
  expect(await hers.untilClosed({ looks: LOOKS_IN_A_SECOND })).toBe("4102 session_revoked");
  expect(his.closed()).toBeUndefined();
  service.revocations.apply({
    type: "stoa.identity.key.revoked.v1",
    time: new Date().toISOString(),
    data: { kid: "another" },
  });
  expect(await his.untilClosed({ looks: LOOKS_IN_A_SECOND })).toBe("4004 key_revoked");
});

test("at shutdown each socket is told another time to come back, and new ones are refused", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  await using service = await serve(world);
  const all = await Promise.all(Array.from({ length: 12 }, () => joinSocket(service, ann)));
  using late = await connectSocket(service);
  service.streams.hub.close();
  const waits = await Promise.all(
    all.map(async (socket) => {
      expect(await socket.untilClosed()).toBe("4000 shutting_down");
      return socket.frames.at(-1);
    }),
  );
  const times = waits.map((frame) => Number(frame?.["after_ms"]));
  expect(waits.every((frame) => frame?.type === "retry")).toBe(true);
  expect(Math.min(...times)).toBeWithin(2_000, 10_001);
  expect(Math.max(...times)).toBeWithin(2_000, 10_001);
  expect(new Set(times).size).toBeGreaterThan(6);
  late.send({ type: "authenticate", token: await service.token(ann) });
  expect(await late.untilClosed()).toBe("4003 unavailable");
});

test("a quiet socket gives signs of life, and moves its client along when others are busy", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  await using service = await serve(world, { streams: { heartbeatMs: 20, maxBehind: 100 } });
  using his = await joinSocket(service, cid);
  const { id } = await his.until(isReady);
  await eventually(() => his.frames.some(({ type, id }) => type === "alive" && id === undefined));
  for (let n = 0; n < 15; n++) await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "busy" });
  await eventually(() => his.last() !== id);
  expect(his.events).toHaveLength(1);
});

test("a client that reads slowly but reads is not closed", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world, { streams: { heartbeatMs: 20 } });
  const { hub, live, unauthenticatedMs } = service.streams;
  const { db, now } = world.deps;
  const verify = () => Promise.reject(new Error("Nobody sends a token here."));
  const session = new SocketSession({ db, hub, live, verify, now, log: silent, unauthenticatedMs }, { listener: bob });
  const sent: string[] = [];
  let [waiting, closed] = [0, ""];
  session.opened({
    // It takes a byte at each look, and never all.
    get waiting() {
      return waiting === 0 ? 0 : waiting--;
    },
    send: (text) => {
      sent.push(text);
      waiting += text.length;
      return false;
    },
    close: (code, reason) => {
      closed = `${code} ${reason}`;
    },
  });
  await eventually(() => sent.some((text) => text.includes('"ready"')));
  await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: "hello" });
  await eventually(() => sent.some((text) => text.includes('"hello"')));
  waiting = 0;
  session.drained();
  await eventually(() => sent.some((text) => text.includes('"alive"')));
  expect(closed).toBe("");
  session.closed();
  expect(hub.size).toBe(0);
});

test("a client that reads nothing is closed to come back, and then misses no message", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using slow = await joinSocket(service, bob);
  await slow.until(isReady);
  slow.pause();
  const big = "🙂".repeat(16_000);
  const { message } = await sendDirect(world.deps, ann, { recipient_id: bob.user_id, content: big });
  const path = `/conversations/${message.conversation_id}/messages`;
  let last = 1;
  // The system's own buffers take some megabytes before anything waits in the process.
  while (service.streams.hub.size > 0)
    last = (await service.call<Message>(ann, "POST", path, { content: big })).json.seq;
  slow.resume();
  expect(await slow.untilClosed()).toBe("4002 too_slow");
  const seqs = (socket: typeof slow) =>
    socket.events.filter(({ event }) => event === "message.sent").map(({ data }) => Number(data["seq"]));
  using again = await joinSocket(service, bob, { after: slow.last() });
  await eventually(() => seqs(again).includes(last));
  expect([...seqs(slow), ...seqs(again)]).toEqual(Array.from({ length: last }, (_, n) => n + 1));
}, 60_000);

test("a database that is away closes a socket, so that its client comes back, and refuses frames meanwhile", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  let away = false;
  const db = intercepted(world.db, {
    read: () => {
      if (away) throw new DatabaseError("unavailable", "busy");
    },
  });
  const warned: string[] = [];
  const log = { warn: (_: object, message: string) => void warned.push(message) };
  await using service = await serve(world, { db, streams: { log } });
  using socket = await joinSocket(service, ann);
  using late = await connectSocket(service);
  away = true;
  socket.send({ type: "presence", user_ids: [ann.user_id] });
  late.send({ type: "authenticate", token: await service.token(ann) });
  expect(await late.untilClosed()).toBe("4003 unavailable");
  expect(await socket.untilClosed()).toBe("4003 unavailable");
});

test("what is offered to someone reaches their streams and sockets, without an id", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  await using service = await serve(world);
  using stream = await listen(service, ann);
  using socket = await joinSocket(service, ann);
  using his = await joinSocket(service, bob);
  await Promise.all([stream, socket, his].map((its) => its.until(isReady)));
  const data = { user_id: bob.user_id, status: "online" };
  service.streams.hub.whisper([ann.user_id, "nobody"], "presence", JSON.stringify(data));
  const isPresence = ({ event }: { event: string }) => event === "presence";
  expect((await stream.until(isPresence)).data).toEqual(data);
  expect((await socket.until(isPresence)).data).toEqual(data);
  expect(socket.frames.find(({ event }) => event === "presence")).not.toHaveProperty("id");
  expect(his.events.filter(isPresence)).toEqual([]);
});

test("where nothing can become a socket, that is said", async () => {
  await using world = await createWorld();
  const ann = await world.person("ann");
  for (const deps of [{ streams: undefined }, { upgrade: undefined }]) {
    await using service = await serve(world, { deps });
    expect(await service.call(ann, "GET", "/ws")).toMatchObject({
      status: 501,
      json: { error_code: "not_implemented" },
    });
  }
});
