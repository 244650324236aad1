import { expect, test } from "bun:test";
import type { Database } from "@stoa/db";
import { intercepted } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { serve } from "./service.ts";
import { createWorld } from "./world.ts";

/** Counts the round trips to a database. */
function counting(db: Database): { db: Database; take(): number } {
  let trips = 0;
  const count = () => {
    trips++;
  };
  return {
    db: intercepted(db, { read: count, write: count }),
    take: () => {
      const taken = trips;
      trips = 0;
      return taken;
    },
  };
}

test("each route keeps its budget of round trips to the database", async () => {
  await using world = await createWorld();
  const [ann, bob] = await world.people("ann", "bob");
  const { db, take } = counting(world.db);
  await using service = await serve(world, { deps: { db } });
  const sent = await service.call<Message>(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "1" });
  const { id, conversation_id } = sent.json;
  const path = `/conversations/${conversation_id}`;
  // Look for the conversation, find the recipient, make it, send.
  expect(take()).toBe(4);
  for (const [trips, method, at, body] of [
    [2, "POST", "/messages", { recipient_id: bob.user_id, content: "2" }],
    [1, "POST", `${path}/messages`, { content: "3" }],
    [1, "GET", `${path}/messages`],
    [1, "GET", `${path}/messages?around_seq=2`],
    [1, "GET", "/messages"],
    [1, "GET", "/messages?unread=true"],
    [1, "GET", "/messages/unread"],
    [1, "GET", `/messages/${id}`],
    [3, "PUT", `/messages/${id}/read`],
    [1, "GET", "/conversations"],
    [1, "GET", path],
    [1, "POST", `${path}/read`, { seq: 1 }],
    [1, "PUT", `${path}/mute`],
    [1, "GET", "/notifications"],
    [1, "POST", "/notifications/read", { all: true }],
  ] as const) {
    const { status } = await service.call(ann, method, at, body);
    expect([method, at, status < 300, take()]).toEqual([method, at, true, trips]);
  }
});
