import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Message } from "../messages/schema.ts";
import { group } from "./group.ts";
import { serve } from "./service.ts";
import { createWorld } from "./world.ts";

/** Every route: method, path with ids that may be anything, and a body that is good. */
const id = newId();
const routes: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/conversations"],
  ["POST", "/conversations", { type: "group" }],
  ["GET", `/conversations/${id}`],
  ["PATCH", `/conversations/${id}`, { title: "T" }],
  ["PUT", `/conversations/${id}`, { title: "T" }],
  ["DELETE", `/conversations/${id}`],
  ["PUT", `/conversations/${id}/participants/${id}`],
  ["DELETE", `/conversations/${id}/participants/${id}`],
  ["PUT", `/conversations/${id}/mute`],
  ["DELETE", `/conversations/${id}/mute`],
  ["POST", `/conversations/${id}/read`, { seq: 1 }],
  ["GET", `/conversations/${id}/assistants`],
  ["POST", `/conversations/${id}/assistants`, { name: "helper", model: "small", trigger: "mention" }],
  ["DELETE", `/conversations/${id}/assistants/${id}`],
  ["POST", `/messages/${id}/cancel`],
  ["GET", `/conversations/${id}/messages`],
  ["POST", `/conversations/${id}/messages`, { content: "x" }],
  ["POST", "/messages", { recipient_id: id, content: "x" }],
  ["GET", "/messages"],
  ["GET", "/messages/unread"],
  ["GET", `/messages/${id}`],
  ["PUT", `/messages/${id}/read`],
  ["POST", `/messages/${id}/report`, { reason: "x" }],
  ["POST", "/messages/erase"],
  ["GET", `/messages/counts?task_ids=${newId()}`],
  ["GET", "/messages/search?q=x"],
  ["GET", `/follows/tasks/${id}`],
  ["PUT", `/follows/tasks/${id}`],
  ["DELETE", `/follows/tasks/${id}`],
  ["PATCH", `/messages/${id}`, { content: "x" }],
  ["PUT", `/messages/${id}`, { content: "x" }],
  ["DELETE", `/messages/${id}`],
  ["GET", `/messages/${id}/history`],
  ["GET", "/blocks"],
  ["PUT", `/blocks/${id}`],
  ["DELETE", `/blocks/${id}`],
  ["PUT", `/messages/${id}/reactions/%F0%9F%91%8D`],
  ["DELETE", `/messages/${id}/reactions/%F0%9F%91%8D`],
  ["PUT", `/messages/${id}/pin`],
  ["DELETE", `/messages/${id}/pin`],
  ["GET", "/notifications"],
  ["POST", "/notifications/read", { all: true }],
  ["GET", "/notifications/preferences"],
  ["PATCH", "/notifications/preferences", {}],
  ["PUT", "/notifications/preferences", {}],
  ["GET", "/stream"],
  ["POST", "/stream/ticket"],
  ["GET", "/ws"],
  ["PUT", `/conversations/${id}/typing`],
  ["GET", "/presence?user_ids=me"],
  ["PUT", "/presence", { status: "away" }],
];

describe("401", () => {
  test("every route wants a token", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    for (const [method, path, body] of routes) {
      expect(await service.call(null, method, path, body)).toMatchObject({
        status: 401,
        json: { error_code: "unauthorized" },
      });
    }
  });

  test("every route, the stream too, says why a token is no good", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    const expired = await service.token(ann, { exp: 1_000 });
    for (const [method, path, body] of routes) {
      for (const [token, code] of [
        ["nonsense", "invalid_token"],
        [expired, "token_expired"],
      ] as const) {
        expect(await service.call(null, method, path, body, { authorization: `Bearer ${token}` })).toMatchObject({
          status: 401,
          json: { error_code: code },
        });
      }
    }
  });

  test("a ticket that is forged, expired or of an ended session opens nothing", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    await using service = await serve(world);
    let late = 0;
    await using slow = await serve(world, { streams: { now: () => new Date(Date.now() + late) } });
    const { json } = await service.call<{ ticket: string }>(ann, "POST", "/stream/ticket");
    const open = (ticket: string, at = service) => at.call(null, "GET", `/stream?ticket=${ticket}`);
    for (const forged of ["x", `${json.ticket.slice(0, -4)}AAAA`, await service.token(ann)]) {
      expect(await open(forged)).toMatchObject({ status: 401, json: { error_code: "invalid_token" } });
    }
    late = 61_000;
    expect(await open(json.ticket, slow)).toMatchObject({ status: 401, json: { error_code: "token_expired" } });
    const his = await service.call<{ ticket: string }>(bob, "POST", "/stream/ticket");
    service.revocations.apply({
      type: "stoa.identity.session.revoked.v1",
      time: new Date().toISOString(),
      data: { user_id: bob.user_id, session_ids: [bob.session_id], reason: "logout" },
    });
    expect(await open(his.json.ticket)).toMatchObject({ status: 401, json: { error_code: "session_revoked" } });
  });
});

describe("404", () => {
  test("an unknown id and a malformed one are the same", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    for (const [method, path, body] of routes.filter(([, path]) => path.includes(id))) {
      for (const unknown of [path, path.replaceAll(id, "nonsense")]) {
        expect(await service.call(ann, method, unknown, body)).toMatchObject({
          status: 404,
          json: { error_code: "not_found" },
        });
      }
    }
  });

  test("nobody can be written to who does not exist", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    const nobody = "01890000-0000-7000-8000-000000000000";
    for (const [path, body] of [
      ["/messages", { recipient_id: nobody, content: "x" }],
      ["/conversations", { type: "direct", participant_ids: [nobody] }],
      ["/conversations", { type: "group", participant_ids: [nobody] }],
    ] as const) {
      expect((await service.call(ann, "POST", path, body)).status).toBe(404);
    }
  });
});

describe("403", () => {
  test("a conversation and its messages are closed to someone who is not in it", async () => {
    await using world = await createWorld();
    const [ann, bob, eve] = await world.people("ann", "bob", "eve");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    const sent = await service.call<Message>(ann, "POST", `/conversations/${conversation.id}/messages`, {
      content: "x",
    });
    const closed = routes.filter(([, path]) => path.includes(id) && !/^\/(blocks|follows)/.test(path));
    for (const [method, path, body] of closed) {
      const theirs = path.startsWith("/messages") ? sent.json.id : conversation.id;
      const { status } = await service.call(eve, method, path.replace(id, theirs).replace(id, bob.user_id), body);
      expect([method, path, status]).toEqual([method, path, 403]);
    }
  });
});
