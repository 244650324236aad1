import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { eventually, rowsOf } from "@stoa/testing";
import type { Message } from "../../messages/schema.ts";
import { type Assisted, assisted } from "../../test/assisted.ts";
import { piece, told } from "../../test/chat-server.ts";
import { serve } from "../../test/service.ts";
import type { Person } from "../../test/world.ts";

/** An answer to a question of bob's, of which there is a beginning. */
async function underWay(options: Parameters<typeof assisted>[0] = {}) {
  const server = told();
  const a = await assisted({ script: server.script, ...options });
  await a.add();
  server.send(piece("Half"));
  await a.send("@helper", a.bob);
  const answer = await eventually(async () => (await a.answers(1)).find(({ content }) => content === "Half"));
  const cancel = (as: Person | null, id = answer.id) => a.service.call<Message>(as, "POST", `/messages/${id}/cancel`);
  return { a, answer, cancel, server, [Symbol.asyncDispose]: () => a[Symbol.asyncDispose]() };
}

const ended = async ({ world }: Assisted) =>
  (await world.events()).filter((type) => type === "message.completed").length;

describe("cancelling an answer", () => {
  test("keeps what it has said; the server is no longer listened to; again changes nothing", async () => {
    await using u = await underWay();
    const cancelled = await u.cancel(u.a.bob);
    expect(cancelled).toMatchObject({ status: 200, json: { status: "cancelled", content: "Half", version: 2 } });
    expect(cancelled.headers.get("etag")).toBe('"2"');
    expect(await u.cancel(u.a.bob)).toMatchObject({ status: 200, json: cancelled.json });
    expect(await ended(u.a)).toBe(1);
    await eventually(() => u.a.chat.asked[0]?.gone());
    u.server.end();
  });

  test("is for whoever asked and the group's owner", async () => {
    await using u = await underWay();
    const carol = await u.a.world.person("carol");
    await u.a.service.call(u.a.ann, "PUT", `${u.a.path}/participants/${carol.user_id}`);
    expect((await u.cancel(null)).status).toBe(401);
    for (const person of [u.a.eve, carol]) {
      expect(await u.cancel(person)).toMatchObject({ status: 403, json: { error_code: "forbidden" } });
    }
    expect(await u.cancel(u.a.ann)).toMatchObject({ status: 200, json: { status: "cancelled" } });
    u.server.end();
  });

  test("404 for a message that is not there, 409 for one of a person", async () => {
    await using u = await underWay();
    const { json } = await u.a.send("Hello");
    expect((await u.cancel(u.a.ann, crypto.randomUUID())).status).toBe(404);
    expect(await u.cancel(u.a.ann, json.id)).toMatchObject({ status: 409, json: { error_code: "not_an_answer" } });
    u.server.end();
  });

  test("reaches the process that writes it from another one", async () => {
    await using u = await underWay();
    await using other = await serve(u.a.world, {
      deps: { assistants: { settings: u.a.settings, stop: () => undefined } },
    });
    expect(await other.call(u.a.bob, "POST", `/messages/${u.answer.id}/cancel`)).toMatchObject({
      status: 200,
      json: { status: "cancelled", content: "Half" },
    });
    expect(await ended(u.a)).toBe(1);
    u.server.end();
  });

  test("ends the answer of a process that does not", async () => {
    await using u = await underWay();
    await u.a.world.db.write([sql`update answers set claim = 'of a dead process'`]);
    await eventually(async () => u.a.chat.asked[0]?.gone());
    await using other = await serve(u.a.world, { deps: { assistants: undefined } });
    expect(await other.call(u.a.bob, "POST", `/messages/${u.answer.id}/cancel`)).toMatchObject({
      status: 200,
      json: { status: "cancelled", content: "Half" },
    });
    expect(await ended(u.a)).toBe(1);
    u.server.end();
  });

  test("happens when its assistant is removed, and when its message is deleted nothing of it stays", async () => {
    for (const how of ["removed", "deleted"] as const) {
      await using u = await underWay();
      const { id, sender_id } = u.answer;
      if (how === "removed") await u.a.service.call(u.a.ann, "DELETE", `${u.a.path}/assistants/${sender_id}`);
      else {
        const time = new Date().toISOString();
        await u.a.world.db.write([sql`update messages set content = null, deleted_at = ${time} where id = ${id}`]);
      }
      await u.a.ended(1);
      const [row] = await rowsOf(
        u.a.world.db,
        sql`select m.status, m.content, a.text from messages m
        join answers a on a.message_id = m.id`,
      );
      expect(row).toEqual({ status: "cancelled", content: how === "removed" ? "Half" : null, text: "" });
      u.server.end();
    }
  });
});

describe("the answer of a process that died", () => {
  test("is ended by another one when the lease has passed, with what was stored; what was cancelled is cancelled", async () => {
    for (const cancelled_at of [null, new Date().toISOString()]) {
      await using u = await underWay();
      // As if the process had died: what it writes from now on is refused.
      await u.a.world.db.write([sql`update answers set claim = 'of a dead process', cancelled_at = ${cancelled_at}`]);
      await eventually(async () => u.a.chat.asked[0]?.gone());
      expect(await u.a.answers(1)).toMatchObject([{ status: "streaming", content: "Half" }]);
      await using later = await assisted({
        running: { db: u.a.world.db, now: () => new Date(Date.now() + 16_000) },
      });
      expect(await u.a.ended(1)).toMatchObject([{ status: cancelled_at ? "cancelled" : "failed", content: "Half" }]);
      expect(await ended(u.a)).toBe(1);
      expect(later.lines).toEqual([]);
      u.server.end();
    }
  });

  test("is left alone while it is heard of", async () => {
    await using u = await underWay();
    await using other = await assisted({ running: { db: u.a.world.db } });
    u.server.send(piece(" more"));
    await eventually(async () => (await u.a.answers(1))[0]?.content === "Half more");
    expect(await ended(u.a)).toBe(0);
    expect(other.chat.asked).toEqual([]);
    u.server.end();
  });
});
