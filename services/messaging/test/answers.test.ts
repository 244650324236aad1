import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { conversationOf } from "../conversations/of-project.ts";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { group } from "./group.ts";
import { serve } from "./service.ts";
import { createWorld } from "./world.ts";

describe("201 and 200", () => {
  test("a conversation is created with its address and version, and a direct one found again", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    await using service = await serve(world);
    const direct = { type: "direct", usernames: ["Bob"] };
    const made = await service.call<Conversation>(ann, "POST", "/conversations", direct);
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe(`/api/v1/conversations/${made.json.id}`);
    expect(made.headers.get("etag")).toBe('"1"');
    expect(made.json).toEqual({
      id: expect.any(String),
      type: "direct",
      title: null,
      project_id: null,
      participants: [
        { user_id: ann.user_id, username: "ann", full_name: null, role: "member", read_seq: 0 },
        { user_id: bob.user_id, username: "bob", full_name: null, role: "member", read_seq: 0 },
      ],
      last_seq: 0,
      read_seq: 0,
      unread: 0,
      mentions: 0,
      last_message: null,
      muted: false,
      version: 1,
      created_at: expect.any(String),
      updated_at: made.json.created_at,
    });
    const found = await service.call<Conversation>(bob, "POST", "/conversations", {
      type: "direct",
      participant_ids: [ann.user_id],
    });
    expect([found.status, found.json.id]).toEqual([200, made.json.id]);
  });

  test("a fetched group can be sent back with another title", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    const { service, conversation } = await group(world, ann, bob);
    await using _ = service;
    const path = `/conversations/${conversation.id}`;
    const { json } = await service.call<Conversation>(ann, "GET", path);
    const renamed = await service.call<Conversation>(ann, "PUT", path, { ...json, title: "  Launch " });
    expect(renamed).toMatchObject({ status: 200, json: { title: "Launch", version: 2 } });
    expect(renamed.headers.get("etag")).toBe('"2"');
    expect(await service.call(ann, "PATCH", path, { title: null })).toMatchObject({
      status: 200,
      json: { title: null },
    });
    expect(await service.call(ann, "PATCH", path, {})).toMatchObject({ status: 200, json: { version: 3 } });
  });

  test("a message is sent, found, read and counted", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    await using service = await serve(world);
    const sent = await service.call<Message>(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "hello" });
    expect(sent.status).toBe(201);
    expect(sent.headers.get("location")).toBe(`/api/v1/messages/${sent.json.id}`);
    expect(sent.headers.get("idempotent-replayed")).toBeNull();
    const { conversation_id } = sent.json;
    expect(await service.call(bob, "GET", "/messages/unread")).toMatchObject({
      status: 200,
      json: { total: 1, conversations: [{ id: conversation_id, unread: 1, mentions: 0 }] },
    });
    expect((await service.call(bob, "GET", `/messages/${sent.json.id}`)).json).toEqual(sent.json);
    expect(await service.call(bob, "PUT", `/messages/${sent.json.id}/read`)).toMatchObject({
      status: 200,
      json: { is_read: true },
    });
    const reply = await service.call<Message>(bob, "POST", `/conversations/${conversation_id}/messages`, {
      content: "hi",
      parent_id: sent.json.id,
    });
    expect(reply).toMatchObject({ status: 201, json: { seq: 2, parent_id: sent.json.id } });
    const page = await service.call<{ items: Message[] }>(ann, "GET", `/conversations/${conversation_id}/messages`);
    expect(page.json.items.map(({ content, reply_count }) => [content, reply_count])).toEqual([
      ["hello", 1],
      ["hi", 0],
    ]);
    expect(await service.call(ann, "POST", `/conversations/${conversation_id}/read`, { seq: 2 })).toMatchObject({
      status: 200,
      json: { unread: 0, read_seq: 2 },
    });
    expect(await service.call(ann, "GET", `/messages?with_user_id=${bob.user_id}&unread=true`)).toMatchObject({
      json: { items: [], next_cursor: null },
    });
  });

  test("the same client_id, or the same Idempotency-Key, is the same message", async () => {
    await using world = await createWorld();
    const [ann, bob] = await world.people("ann", "bob");
    await using service = await serve(world);
    for (const [body, headers] of [
      [{ client_id: "c-1" }, {}],
      [{}, { "idempotency-key": "k-1" }],
    ] as const) {
      const send = (content: string) =>
        service.call<Message>(
          ann,
          "POST",
          "/messages",
          { recipient_id: bob.user_id, content, ...body },
          { ...headers },
        );
      const [first, again, other] = [await send("once"), await send("once"), await send("twice")];
      expect([first.status, again.status, again.json.id]).toEqual([201, 201, first.json.id]);
      expect([first, again].map((answer) => answer.headers.get("idempotent-replayed"))).toEqual([null, "true"]);
      expect(other).toMatchObject({ status: 422, json: { error_code: "idempotency_key_reused" } });
      const concurrent = await Promise.all(Array.from({ length: 10 }, () => send("once")));
      expect(new Set(concurrent.map(({ json }) => json.id))).toEqual(new Set([first.json.id]));
    }
  });

  test("a group made twice with one Idempotency-Key at once is one group", async () => {
    await using world = await createWorld();
    const ann = await world.person("ann");
    await using service = await serve(world);
    const made = await Promise.all(
      Array.from({ length: 10 }, () =>
        service.call<Conversation>(ann, "POST", "/conversations", { type: "group" }, { "idempotency-key": "g" }),
      ),
    );
    expect(new Set(made.map(({ status, json }) => `${status} ${json.id}`)).size).toBe(1);
  });

  test("the list waits for a project's conversation whose event is under way", async () => {
    await using world = await createWorld();
    const ann = await world.person("ann");
    await using service = await serve(world);
    const project_id = newId();
    const asked = service.call<{ items: Conversation[] }>(ann, "GET", `/conversations?project_id=${project_id}`);
    const project = { project_id, name: "Soon", version: 1, key: "SOO", organization_id: null };
    await world.apply("project.created", { ...project, owner_id: ann.user_id }, ann);
    expect((await asked).json.items).toMatchObject([{ id: conversationOf(project_id), title: "Soon" }]);
  });
});

describe("204", () => {
  test("leaving, taking someone out, unmuting and having read notifications answer nothing", async () => {
    await using world = await createWorld();
    const [ann, bob, cid] = await world.people("ann", "bob", "cid");
    const { service, conversation } = await group(world, ann, bob, cid);
    await using _ = service;
    const path = `/conversations/${conversation.id}`;
    expect(await service.call(bob, "PUT", `${path}/mute`)).toMatchObject({ status: 200, json: { muted: true } });
    for (const [person, method, at, body] of [
      [bob, "DELETE", `${path}/mute`],
      [bob, "DELETE", `${path}/mute`],
      [ann, "DELETE", `${path}/participants/${bob.user_id}`],
      [cid, "DELETE", `${path}/participants/${cid.user_id}`],
      [ann, "DELETE", path],
      [ann, "POST", "/notifications/read", { ids: [newId()] }],
    ] as const) {
      expect(await service.call(person, method, at, body)).toMatchObject({ status: 204, json: null });
    }
  });
});
