import { expect, test } from "bun:test";
import { roundTrips } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { serve } from "./service.ts";
import { createWorld } from "./world.ts";

test("each route keeps its budget of round trips to the database", async () => {
  await using world = await createWorld();
  const [ann, bob, cid] = await world.people("ann", "bob", "cid");
  const settings = { urls: ["http://127.0.0.1:9"], key: null, models: null, daily_tokens: 1_000 } as const;
  await using service = await serve(world, { deps: { assistants: { settings, stop: () => undefined } } });
  const send = (content: string) =>
    service.call<Message>(ann, "POST", "/messages", { recipient_id: bob.user_id, content });
  // Look for the conversation, find the recipient, make it and send.
  expect(await roundTrips(world.db, () => send("1"))).toBe(3);
  const { id, conversation_id } = (await send("2")).json;
  const path = `/conversations/${conversation_id}`;
  for (const [trips, method, at, body] of [
    [2, "POST", "/messages", { recipient_id: bob.user_id, content: "3" }],
    [1, "POST", `${path}/messages`, { content: "4" }],
    [1, "GET", `${path}/messages`],
    [1, "GET", `${path}/messages?around_seq=2`],
    [1, "GET", "/messages"],
    [1, "GET", "/messages?unread=true"],
    [1, "GET", "/messages/unread"],
    [1, "GET", `/messages/${id}`],
    [3, "PUT", `/messages/${id}/read`],
    [2, "PUT", `/messages/${id}/reactions/%F0%9F%91%8D`],
    [2, "DELETE", `/messages/${id}/reactions/%F0%9F%91%8D`],
    [2, "PUT", `/messages/${id}/pin`],
    [2, "DELETE", `/messages/${id}/pin`],
    [1, "GET", `${path}/messages?pinned=true`],
    [2, "PATCH", `/messages/${id}`, { content: "5" }],
    [2, "GET", `/messages/${id}/history`],
    [2, "DELETE", `/messages/${id}`],
    [1, "GET", "/conversations"],
    [1, "GET", path],
    [2, "POST", `${path}/assistants`, { name: "helper", model: "m", trigger: "always" }],
    [2, "GET", `${path}/assistants`],
    [1, "POST", `${path}/messages`, { content: "@helper" }],
    [1, "POST", `${path}/read`, { seq: 1 }],
    [1, "PUT", `${path}/mute`],
    [3, "POST", `/messages/${id}/report`, { reason: "x" }],
    [1, "POST", "/messages/erase"],
    [1, "PUT", `${path}/typing`],
    [1, "GET", "/presence?user_ids=me"],
    [0, "PUT", "/presence", { status: "away" }],
    [1, "GET", "/blocks"],
    [3, "PUT", `/blocks/${cid.user_id}`],
    [1, "PUT", `/blocks/${cid.user_id}`],
    [1, "DELETE", `/blocks/${cid.user_id}`],
    [1, "POST", `${path}/messages`, { content: "@bob, and @all", parent_id: id }],
    [1, "GET", "/notifications"],
    [1, "GET", "/notifications/preferences"],
    [2, "PATCH", "/notifications/preferences", { kinds: { mentioned: "none" } }],
    [1, "PATCH", "/notifications/preferences", { kinds: { mentioned: "none" } }],
    [1, "POST", "/notifications/read", { all: true }],
  ] as const) {
    let status = 0;
    const taken = await roundTrips(world.db, async () => {
      status = (await service.call(ann, method, at, body)).status;
    });
    expect([method, at, status < 300, taken]).toEqual([method, at, true, trips]);
  }
});
