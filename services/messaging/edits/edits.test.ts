import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { listen } from "../test/event-stream.ts";
import type { Service } from "../test/service.ts";
import { talk } from "../test/talk.ts";
import type { Person } from "../test/world.ts";
import { editMessage } from "./edit.ts";
import type { EarlierText } from "./schema.ts";

const edit = (service: Service, person: Person, id: string, body: object, headers = {}) =>
  service.call<Message & { error_code?: string; current?: Message }>(person, "PATCH", `/messages/${id}`, body, headers);
const remove = (service: Service, person: Person, id: string, headers = {}) =>
  service.call<{ error_code?: string; current?: Message }>(person, "DELETE", `/messages/${id}`, undefined, headers);
const textsOf = async (service: Service, person: Person, id: string) => {
  const { json } = await service.call<{ items: EarlierText[] }>(person, "GET", `/messages/${id}/history`);
  return json.items.map(({ version, content }) => [version, content]);
};

describe("an edit", () => {
  test("changes the text, its version and its time, and keeps what was said before for every participant", async () => {
    await using here = await talk();
    const { service, ann, bob, message } = here;
    const { status, json, headers } = await edit(service, ann, message.id, { content: "two" });
    expect(status).toBe(200);
    expect(headers.get("etag")).toBe('"2"');
    expect(json).toEqual({
      ...message,
      content: "two",
      version: 2,
      edited_at: expect.any(String),
      updated_at: json.edited_at ?? "",
    });
    await edit(service, ann, message.id, { content: "three" });
    expect(await textsOf(service, bob, message.id)).toEqual([
      [2, "two"],
      [1, "one"],
    ]);
    const first = await service.call<{ items: EarlierText[]; next_cursor: string }>(
      bob,
      "GET",
      `/messages/${message.id}/history?limit=1`,
    );
    expect(first.json.items).toEqual([
      {
        message_id: message.id,
        version: 2,
        content: "two",
        created_at: json.edited_at ?? "",
        replaced_at: expect.any(String),
      },
    ]);
    const path = `/messages/${message.id}/history?limit=1&cursor=${first.json.next_cursor}`;
    const second = await service.call<{ items: EarlierText[] }>(bob, "GET", path);
    expect(second.json).toMatchObject({ items: [{ version: 1, created_at: message.created_at }], next_cursor: null });
  });

  test("to the same text changes nothing, and a message is sent back whole", async () => {
    await using here = await talk();
    const { service, ann, message } = here;
    expect((await edit(service, ann, message.id, { content: "one" })).json).toEqual(message);
    expect((await edit(service, ann, message.id, message)).json).toEqual(message);
    expect((await service.call<Message>(ann, "PUT", `/messages/${message.id}`, { content: "two" })).json.version).toBe(
      2,
    );
    expect(await textsOf(service, ann, message.id)).toEqual([[1, "one"]]);
    const other = await edit(service, ann, message.id, { seq: 7 });
    expect(other).toMatchObject({ status: 422, json: { errors: [{ path: "/seq" }] } });
  });

  test("is its sender's alone, while they take part; the system's messages are nobody's", async () => {
    await using here = await talk();
    const { world, service, conversation, ann, bob, eve, message } = here;
    for (const person of [bob, eve]) {
      expect(await edit(service, person, message.id, { content: "mine" })).toMatchObject({
        status: 403,
        json: { error_code: "forbidden" },
      });
      expect((await remove(service, person, message.id)).status).toBe(403);
    }
    const project_id = await world.project(ann);
    const task = { task_id: newId(), project_id, key: "APO-1", title: "Write", version: 1, changes: [] };
    await world.apply("task.completed", task, ann);
    const path = `/conversations/${conversationOf(project_id)}/messages`;
    const { items } = (await service.call<{ items: Message[] }>(ann, "GET", path)).json;
    expect((await edit(service, ann, items[0]?.id ?? "", { content: "x" })).status).toBe(403);
    expect((await remove(service, ann, items[0]?.id ?? "")).status).toBe(403);
    await service.call(ann, "DELETE", `/conversations/${conversation.id}`);
    expect((await edit(service, ann, message.id, { content: "late" })).status).toBe(403);
    expect((await edit(service, ann, newId(), { content: "x" })).status).toBe(404);
  });

  test("with a stale If-Match is refused with the present message, and so is a deletion", async () => {
    await using here = await talk();
    const { service, ann, message } = here;
    await edit(service, ann, message.id, { content: "two" }, { "if-match": '"1"' });
    for (const refused of [
      await edit(service, ann, message.id, { content: "three" }, { "if-match": '"1"' }),
      await remove(service, ann, message.id, { "if-match": '"1"' }),
    ]) {
      expect(refused).toMatchObject({
        status: 412,
        json: { error_code: "version_conflict", current: { content: "two", version: 2 } },
      });
    }
    expect((await edit(service, ann, message.id, { content: "three" }, { "if-match": "*" })).status).toBe(200);
    expect((await remove(service, ann, message.id, { "if-match": 'W/"3"' })).status).toBe(204);
  });

  test("of many at once each is kept in the history, and of those with the same If-Match one is made", async () => {
    await using here = await talk();
    const { service, ann, message } = here;
    const all = Array.from({ length: 10 }, (_, n) => `${n}`);
    await Promise.all(all.map((content) => edit(service, ann, message.id, { content })));
    const { content, version } = (await service.call<Message>(ann, "GET", `/messages/${message.id}`)).json;
    expect(version).toBe(11);
    const kept = (await textsOf(service, ann, message.id)).map(([, text]) => text);
    expect([...kept, content].toSorted()).toEqual([...all, "one"].toSorted());
    const tries = await Promise.all(
      all.map((n) => edit(service, ann, message.id, { content: `at once ${n}` }, { "if-match": '"11"' })),
    );
    expect(tries.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(412)]);
  });

  test("of a text that someone else's client has set meanwhile changes nothing more", async () => {
    await using here = await talk();
    const { world, ann, message } = here;
    meanwhile(world.db, () => editMessage(world.deps, ann, message.id, { content: "same" }));
    expect(await editMessage(world.deps, ann, message.id, { content: "same" })).toMatchObject({ version: 2 });
  });
});

describe("a deleted message", () => {
  test("keeps its place without its text and history, for everyone, and a second deletion changes nothing", async () => {
    await using here = await talk();
    const { service, conversation, ann, bob, send, message } = here;
    await edit(service, ann, message.id, { content: "two" });
    await send(bob, "after", { parent_id: message.id });
    expect((await remove(service, ann, message.id)).status).toBe(204);
    const { status, json } = await service.call<Message>(bob, "GET", `/messages/${message.id}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ seq: 1, content: null, version: 3, deleted_at: expect.any(String), reply_count: 1 });
    expect((await remove(service, ann, message.id)).status).toBe(204);
    expect(await textsOf(service, bob, message.id)).toEqual([]);
    const list = await service.call<{ items: Message[] }>(bob, "GET", `/conversations/${conversation.id}/messages`);
    expect(list.json.items.map(({ content }) => content)).toEqual([null, "after"]);
    expect((await service.call<Message>(ann, "GET", `/messages/${message.id}`)).json.version).toBe(3);
  });

  test("cannot be edited", async () => {
    await using here = await talk();
    const { service, ann, message } = here;
    await remove(service, ann, message.id);
    expect(await edit(service, ann, message.id, { content: "again" })).toMatchObject({
      status: 409,
      json: { error_code: "message_deleted" },
    });
  });

  test("is no longer unread, and is the last message without its text", async () => {
    await using here = await talk();
    const { service, conversation, ann, bob, send } = here;
    const { id } = await send(ann, "two");
    const seen = async () => (await service.call<Conversation>(bob, "GET", `/conversations/${conversation.id}`)).json;
    expect((await seen()).unread).toBe(2);
    await remove(service, ann, id);
    expect(await seen()).toMatchObject({ unread: 1, last_seq: 2, last_message: { id, content: null } });
  });

  test("does not count as a reply", async () => {
    await using here = await talk();
    const { service, ann, bob, send, message } = here;
    const reply = await send(bob, "re", { parent_id: message.id });
    const count = async () => (await service.call<Message>(ann, "GET", `/messages/${message.id}`)).json.reply_count;
    expect(await count()).toBe(1);
    await remove(service, bob, reply.id);
    expect(await count()).toBe(0);
  });

  test("is what a retry under its client_id gets, whatever is sent: nothing of the text is known", async () => {
    await using here = await talk();
    const { world, service, ann, send } = here;
    const { id } = await send(ann, "once", { client_id: "c" });
    await remove(service, ann, id);
    expect(await send(ann, "once", { client_id: "c" })).toMatchObject({ id, content: null });
    expect(await send(ann, "else", { client_id: "c" })).toMatchObject({ id, content: null });
    const [row] = await rowsOf(world.db, sql`select client_hash from messages where id = ${id}`);
    expect(row).toEqual({ client_hash: null });
  });
});

test("an edited message is the same message for a retry of its first text", async () => {
  await using here = await talk();
  const { service, ann, send } = here;
  const { id } = await send(ann, "first", { client_id: "c" });
  await edit(service, ann, id, { content: "second" });
  expect(await send(ann, "first", { client_id: "c" })).toMatchObject({ id, content: "second" });
  expect(await send(ann, "second", { client_id: "c" })).toMatchObject({ error_code: "idempotency_key_reused" });
});

test("streams bring edits and deletions to everyone as a GET shows them, and the journal has no text", async () => {
  await using here = await talk();
  const { world, service, ann, bob, message } = here;
  using his = await listen(service, bob);
  await his.until(({ event }) => event === "ready");
  await edit(service, ann, message.id, { content: "two" });
  const edited = await his.until(({ event }) => event === "message.edited");
  expect(edited.data).toEqual((await service.call(bob, "GET", `/messages/${message.id}`)).json);
  await remove(service, ann, message.id);
  const deleted = await his.until(({ event }) => event === "message.deleted");
  expect(deleted.data).toMatchObject({ id: message.id, conversation_id: message.conversation_id, content: null });
  const { conversation_id, id: message_id } = message;
  const rows = await rowsOf<{ type: string; data: string }>(
    world.db,
    sql`select type, data from journal where type like 'message.%' order by seq`,
  );
  expect(rows.slice(1).map(({ type, data }) => [type, JSON.parse(data)])).toEqual([
    ["message.edited", { conversation_id, message_id, seq: 1, version: 2 }],
    ["message.deleted", { conversation_id, message_id, seq: 1 }],
  ]);
});

describe("a text", () => {
  test("is kept as it is given, apart from NFC", async () => {
    await using here = await talk();
    const { service, ann, send, message } = here;
    for (const [given, kept] of [
      ["  indented\n\tline  \r\n", "  indented\n\tline  \r\n"],
      ["cafe\u0301 ", "caf\u00e9 "],
      ["👍", "👍"],
    ] as const) {
      expect((await send(ann, given)).content).toBe(kept);
      expect((await edit(service, ann, message.id, { content: given })).json.content).toBe(kept);
    }
    // The blanks that were kept are part of what a retry must repeat.
    await send(ann, " x", { client_id: "c" });
    expect(await send(ann, "x", { client_id: "c" })).toMatchObject({ error_code: "idempotency_key_reused" });
  });

  test("has a visible character, no controls but tabs and line breaks, and at most 16,000 code points", async () => {
    await using here = await talk();
    const { service, ann, send, message } = here;
    expect((await send(ann, "🙂".repeat(16_000))).content).toHaveLength(32_000);
    for (const content of [
      "",
      "  \n",
      "\u200b\u2066",
      "a\u0007",
      "a\u001b[1m",
      "a\u007f",
      "a\u0085",
      "🙂".repeat(16_001),
    ]) {
      for (const refused of [
        await service.call(ann, "POST", `/conversations/${message.conversation_id}/messages`, { content }),
        await edit(service, ann, message.id, { content }),
      ]) {
        expect(refused).toMatchObject({
          status: 422,
          json: { error_code: "validation_failed", errors: [{ path: "/content" }] },
        });
      }
    }
    expect((await edit(service, ann, message.id, { content: null })).status).toBe(422);
  });
});
