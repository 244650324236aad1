import { expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { listen } from "../test/event-stream.ts";
import { talk } from "../test/talk.ts";
import { pinMessage } from "./pin.ts";

const pin = (id: string) => `/messages/${id}/pin`;

test("every participant pins messages and takes pins off; repeating changes nothing", async () => {
  await using here = await talk();
  const { world, call, ann, bob, message } = here;
  const pinned = await call<Message>(bob, "PUT", pin(message.id));
  expect(pinned.status).toBe(200);
  expect(pinned.json).toMatchObject({ id: message.id, pinned_at: expect.any(String), version: 2, edited_at: null });
  expect((await call<Message>(ann, "PUT", pin(message.id))).json.version).toBe(2);
  const off = await call<Message>(ann, "DELETE", pin(message.id));
  expect([off.status, off.json.pinned_at, off.json.version]).toEqual([200, null, 3]);
  expect((await call<Message>(bob, "DELETE", pin(message.id))).json.version).toBe(3);
  meanwhile(world.db, () => pinMessage(world.deps, ann, message.id, true));
  expect(await pinMessage(world.deps, bob, message.id, true)).toMatchObject({ version: 4 });
  expect((await world.events()).slice(-3)).toEqual(["message.pinned", "message.unpinned", "message.pinned"]);
});

test("404, 403, 412 and 409 for who may not, and for what cannot be pinned", async () => {
  await using here = await talk();
  const { call, ann, eve, message } = here;
  expect((await call(ann, "PUT", pin(newId()))).status).toBe(404);
  expect((await call(eve, "PUT", pin(message.id))).status).toBe(403);
  expect((await call(ann, "PUT", pin(message.id), undefined, { "if-match": '"7"' })).status).toBe(412);
  await call(ann, "PUT", pin(message.id));
  await call(ann, "DELETE", `/messages/${message.id}`);
  expect(await call(ann, "PUT", pin(message.id))).toMatchObject({
    status: 409,
    json: { error_code: "message_deleted" },
  });
  expect((await call<Message>(ann, "DELETE", pin(message.id))).json).toMatchObject({ pinned_at: null });
});

test("the pinned messages of a conversation are listed by a filter, and found by an index", async () => {
  await using here = await talk();
  const { world, call, path, ann, bob, send, message } = here;
  const [two, three] = [await send(ann, "two"), await send(bob, "three")];
  await call(ann, "PUT", pin(three.id));
  await call(ann, "PUT", pin(message.id));
  const seqs = async (query: string) =>
    (await call<{ items: Message[] }>(bob, "GET", `${path}?${query}`)).json.items.map(({ seq }) => seq);
  expect(await seqs("pinned=true")).toEqual([1, 3]);
  expect(await seqs("pinned=false")).toEqual([two.seq]);
  expect(await seqs("pinned=true&limit=1")).toEqual([3]);
  const plan = await rowsOf<{ detail: string }>(
    world.db,
    sql`explain query plan select * from messages m where (m.conversation_id = ${"c"}) and (m.pinned_at is not null)
      and m.seq < ${7} order by m.seq desc limit 51`,
  );
  expect(plan.map(({ detail }) => detail).join()).toContain("messages_pinned");
});

test("streams bring pins to everyone, as a GET shows the message", async () => {
  await using here = await talk();
  const { service, call, ann, bob, message, read } = here;
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  await call(ann, "PUT", pin(message.id));
  expect((await his.until(({ event }) => event === "message.pinned")).data).toEqual({
    ...(await read(bob, message.id)),
  });
  await call(ann, "DELETE", pin(message.id));
  expect((await his.until(({ event }) => event === "message.unpinned")).data).toMatchObject({ pinned_at: null });
});
