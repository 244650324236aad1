import { expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { serve } from "../test/service.ts";
import { createWorld } from "../test/world.ts";
import type { Conversation } from "./schema.ts";

test("two people who open, write to, leave and write to each other at once, over two instances, have one conversation", async () => {
  await using world = await createWorld();
  const other = await openDatabase(world.url);
  await using first = await serve(world);
  await using second = await serve(world, { db: other, deps: { db: other } });
  for (let round = 0; round < 5; round++) {
    const [ann, bob] = await world.people(`ann${round}`, `bob${round}`);
    const opened = await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const service = n % 2 === 0 ? first : second;
        const [me, them] = n % 4 < 2 ? [ann, bob] : [bob, ann];
        if (n % 3 === 0) {
          const body = { recipient_id: them.user_id, content: `${n}`, client_id: `${n}` };
          const { status, json } = await service.call<Message>(me, "POST", "/messages", body);
          return { status, id: json.conversation_id };
        }
        const body = { type: "direct", participant_ids: [them.user_id] };
        const { status, json } = await service.call<Conversation>(me, "POST", "/conversations", body);
        if (n % 5 === 0) await service.call(me, "DELETE", `/conversations/${json.id}`);
        return { status, id: json.id };
      }),
    );
    expect(opened.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    const id = opened[0]?.id ?? "";
    await first.call(ann, "POST", "/messages", { recipient_id: bob.user_id, content: "last" });
    const page = await second.call<{ items: Message[] }>(bob, "GET", `/conversations/${id}/messages`);
    expect(page.json.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(page.json.items.map(({ content }) => content)).size).toBe(9);
  }
  expect(
    await rowsOf(world.db, sql`select count(*) as n, count(distinct direct_key) as keys from conversations`),
  ).toEqual([{ n: 5, keys: 5 }]);
  const events = await world.events();
  expect(events.filter((name) => name === "conversation.created")).toHaveLength(5);
  other.close();
});
