import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { conversationOf } from "../conversations/of-project.ts";
import type { Conversation } from "../conversations/schema.ts";
import { group } from "./group.ts";
import { serve } from "./service.ts";
import { createWorld } from "./world.ts";

const id = newId();

describe("401", () => {
  test("whoever was erased after their token was verified makes nothing: they are told that their session has ended", async () => {
    await using world = await createWorld();
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    // The group is Bob's, and Ann is in it still, as a former member.
    await world.apply("user.erased", { user_id: ann.user_id, session_ids: [] });
    const at = `/conversations/${conversation.id}`;
    const before = await world.events();
    for (const [method, path, body] of [
      ["POST", "/conversations", { type: "group", title: "New" }],
      ["POST", "/conversations", { type: "direct", participant_ids: [cid.user_id] }],
      ["POST", "/messages", { recipient_id: cid.user_id, content: "?" }],
      ["POST", `${at}/messages`, { content: "?" }],
      ["PUT", `/blocks/${cid.user_id}`],
      ["PATCH", "/notifications/preferences", { kinds: { mentioned: "none" } }],
      ["POST", "/messages/erase"],
    ] as const) {
      const { status, json } = await service.call(ann, method, path, body);
      expect([method, path, status, json["error_code"]]).toEqual([method, path, 401, "session_revoked"]);
    }
    expect(await world.events()).toEqual(before);
  });
});

describe("403, 409 and 412", () => {
  test("only a group's owner changes its title and its participants, and nobody those of a project's conversation", async () => {
    await using world = await createWorld();
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    const project = conversationOf(await world.project(ann, bob));
    const direct = await service.call<Conversation>(ann, "POST", "/conversations", {
      type: "direct",
      usernames: ["bob"],
    });
    const attempts = (at: string) =>
      [
        ["PATCH", `/conversations/${at}`, { title: "mine" }],
        ["PUT", `/conversations/${at}/participants/${cid.user_id}`],
        ["DELETE", `/conversations/${at}/participants/${ann.user_id}`],
      ] as const;
    for (const [at, status, code] of [
      [conversation.id, 403, "forbidden"],
      [direct.json.id, 403, "forbidden"],
      [project, 409, "managed_by_project"],
    ] as const) {
      for (const [method, path, body] of attempts(at)) {
        expect(await service.call(bob, method, path, body)).toMatchObject({ status, json: { error_code: code } });
      }
    }
    expect(await service.call(bob, "DELETE", `/conversations/${project}`)).toMatchObject({
      status: 409,
      json: { error_code: "managed_by_project" },
    });
    expect(
      await service.call(ann, "PUT", `/conversations/${conversation.id}/participants/${cid.user_id}`),
    ).toMatchObject({ status: 200 });
  });

  test("a stale If-Match is answered by the present group", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    const rename = (title: string, match: string) =>
      service.call(ann, "PATCH", `/conversations/${conversation.id}`, { title }, { "if-match": match });
    expect((await rename("A", '"1"')).status).toBe(200);
    expect(await rename("B", '"1"')).toMatchObject({
      status: 412,
      json: { error_code: "version_conflict", current: { title: "A", version: 2 } },
    });
    expect((await rename("C", "*")).status).toBe(200);
  });
});

describe("422", () => {
  const bad: readonly (readonly [method: string, path: string, body: unknown, at: string])[] = [
    ["POST", "/conversations", { type: "project" }, "/type"],
    ["POST", "/conversations", { type: "group", color: "red" }, "/color"],
    ["POST", "/conversations", { type: "group", title: "" }, "/title"],
    ["POST", "/conversations", { type: "group", participant_ids: ["nobody"] }, "/participant_ids/0"],
    ["POST", "/conversations", { type: "direct" }, "/participant_ids"],
    ["PATCH", `/conversations/${id}`, { title: "x".repeat(256) }, "/title"],
    ["POST", `/conversations/${id}/read`, { seq: -1 }, "/seq"],
    ["POST", `/conversations/${id}/messages`, {}, "/content"],
    ["POST", `/conversations/${id}/messages`, { content: "   " }, "/content"],
    ["POST", `/conversations/${id}/messages`, { content: "🙂".repeat(16_001) }, "/content"],
    ["POST", `/conversations/${id}/messages`, { content: "x", client_id: "" }, "/client_id"],
    ["POST", "/messages", { content: "x" }, "/recipient_id"],
    ["POST", "/notifications/read", {}, "/ids"],
    ["POST", "/notifications/read", { all: false }, "/all"],
    ["GET", `/conversations/${id}/messages?limit=0`, undefined, "/query/limit"],
    ["GET", `/conversations/${id}/messages?before_seq=1&after_seq=2`, undefined, "/query/before_seq"],
    ["GET", `/messages?conversation_id=${id}&with_user_id=${id}`, undefined, "/query/with_user_id"],
    ["GET", "/conversations?limit=101", undefined, "/query/limit"],
  ];

  test("a field that is not as it must be is named", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    for (const [method, path, body, at] of bad) {
      const { status, json } = await service.call<{ errors: { path: string }[] }>(ann, method, path, body);
      expect([path, body, status, json.errors?.[0]?.path]).toEqual([path, body, 422, at]);
    }
  });

  test("a direct conversation is with one other person and has no title; read-only fields stay", async () => {
    await using world = await createWorld();
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    const people = [bob.user_id, cid.user_id];
    for (const [body, path] of [
      [{ type: "direct", participant_ids: people }, "/participant_ids"],
      [{ type: "direct", participant_ids: [ann.user_id] }, "/participant_ids"],
      [{ type: "direct", participant_ids: [bob.user_id], title: "us" }, "/title"],
    ] as const) {
      expect(await service.call(ann, "POST", "/conversations", body)).toMatchObject({
        status: 422,
        json: { errors: [{ path }] },
      });
    }
    expect(await service.call(ann, "PATCH", `/conversations/${conversation.id}`, { type: "direct" })).toMatchObject({
      status: 422,
      json: { errors: [{ path: "/type" }] },
    });
    expect(await service.call(ann, "POST", "/messages", { recipient_id: ann.user_id, content: "me" })).toMatchObject({
      status: 422,
      json: { errors: [{ path: "/recipient_id" }] },
    });
  });

  test("a cursor of another list is refused", async () => {
    await using world = await createWorld();
    await using service = await serve(world);
    const ann = await world.person("ann");
    for (const path of ["/conversations", "/messages", "/notifications"]) {
      expect(await service.call(ann, "GET", `${path}?cursor=forged`)).toMatchObject({
        status: 422,
        json: { error_code: "invalid_cursor" },
      });
    }
  });
});

test("429: a user sends ten messages a second, with a burst of a hundred", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  // The clock stands still, so that however long the burst takes, no second passes.
  let time = new Date();
  const deps = { ...world.deps, now: () => time };
  await using service = await serve({ ...world, deps }, { rate_limit_scale: 1 });
  const send = async () =>
    (await service.call(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "hello" })).status;
  const burst = (count: number) => Array.fromAsync({ length: count }, send);
  const sent = (count: number) => Array<number>(count).fill(201);
  expect(await burst(101)).toEqual([...sent(100), 429]);
  time = new Date(time.getTime() + 1_000);
  expect(await burst(11)).toEqual([...sent(10), 429]);
});
