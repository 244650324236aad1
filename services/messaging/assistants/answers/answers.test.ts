import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { eventually } from "@stoa/testing";
import { conversationOf } from "../../conversations/of-project.ts";
import type { Notification } from "../../notifications/schema.ts";
import { assisted } from "../../test/assisted.ts";
import { done, piece, type Script, says, told } from "../../test/chat-server.ts";
import type { Person } from "../../test/world.ts";
import { LONGEST_ANSWER } from "./answer-text.ts";

const stream = (body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>, headers = {}) =>
  new Response(body, { headers: { "content-type": "text/event-stream", ...headers } });

describe("an answer", () => {
  test("is a message of the assistant, a reply to the question, with the text that the server streams", async () => {
    await using a = await assisted({ script: says("Hel", "lo, ", "ann.") });
    const { json: assistant } = await a.add({ instructions: "Be kind." });
    const { json: question } = await a.send("Well, @Helper?");
    const [answer] = await a.ended(1);
    expect(answer).toMatchObject({
      type: "user",
      status: "complete",
      sender_id: assistant.id,
      parent_id: question.id,
      content: "Hello, ann.",
      seq: 2,
      version: 2,
    });
    const [asked] = a.chat.asked;
    expect(asked).toMatchObject({
      path: "/v1/chat/completions",
      authorization: "Bearer the-secret-key",
      body: { model: "small", stream: true },
    });
    expect(asked?.body.messages).toEqual([
      { role: "system", content: expect.stringContaining("Be kind.") },
      { role: "user", content: "ann: Well, @Helper?" },
    ]);
    const events = (await a.world.events()).filter((type) => /^(?:message|assistant)\./.test(type));
    expect(events).toEqual(["assistant.added", "message.sent", "message.sent", "message.completed"]);
    expect(a.lines).toEqual([]);
  });

  test("that is complete mentions people as a message of its asker does; one who has blocked the asker is not notified", async () => {
    await using a = await assisted({ script: says("Ask @bob, ", "@ann, @eve or `@cid`.") });
    await a.add();
    await a.send("@helper, who knows?");
    const [answer] = await a.ended(1);
    expect(answer?.mentions.toSorted()).toEqual([a.ann.user_id, a.bob.user_id].toSorted());
    const told = async (as: Person) =>
      (await a.service.call<{ items: Notification[] }>(as, "GET", "/notifications?unread=true")).json.items
        .filter(({ kind }) => kind === "mentioned")
        .map(({ actor_id, object }) => [actor_id, object]);
    const object = { type: "message", id: answer?.id ?? "", title: "G" } as const;
    expect([await told(a.bob), await told(a.ann)]).toEqual([[[a.ann.user_id, object]], []]);
    expect((await a.service.call(a.bob, "GET", a.path)).json).toMatchObject({ unread: 2, mentions: 1 });
    expect((await a.world.events()).slice(-2)).toEqual(["message.completed", "notification.created"]);
    await a.service.call(a.bob, "PUT", `/blocks/${a.ann.user_id}`);
    await a.send("@helper, who else?");
    await a.ended(2);
    expect(await told(a.bob)).toHaveLength(1);
  });

  test("about a task makes those follow the task whom it mentions, unless they asked not to", async () => {
    await using a = await assisted({ script: says("Ask @bob ", "and @cid.") });
    const cid = await a.world.person("cid");
    const project_id = await a.world.project(a.ann, a.bob, cid);
    const path = `/conversations/${conversationOf(project_id)}`;
    const task_id = newId();
    const task = { task_id, project_id, key: null, title: "Write", version: 1, changes: [], assignee_ids: [] };
    await a.world.apply("task.created", { ...task, status: "pending", priority: "low" }, a.ann);
    await a.service.call(a.ann, "POST", `${path}/assistants`, { name: "helper", model: "m", trigger: "mention" });
    await a.service.call(cid, "DELETE", `/follows/tasks/${task_id}`);
    const follows = async (as: Person) =>
      (await a.service.call<{ following: boolean }>(as, "GET", `/follows/tasks/${task_id}`)).json.following;
    expect([await follows(a.bob), await follows(cid)]).toEqual([false, false]);
    await a.service.call(a.ann, "POST", `${path}/messages`, { content: "@helper, who knows?", task_id });
    await eventually(async () => (await a.world.events()).includes("message.completed"));
    expect([await follows(a.bob), await follows(cid)]).toEqual([true, false]);
    await a.service.call(a.ann, "POST", `${path}/messages`, { content: "Thank you.", task_id });
    const { items } = (await a.service.call<{ items: Notification[] }>(a.bob, "GET", "/notifications")).json;
    expect(items.slice(0, 2).map(({ kind }) => kind)).toEqual(["commented", "mentioned"]);
  });

  test("that was deleted while it was written mentions nobody", async () => {
    const server = told();
    await using a = await assisted({ script: server.script });
    await a.add();
    await a.send("@helper, who knows?");
    const [begun] = await a.answers(1);
    server.send(piece("@bob"));
    await a.world.db.write([
      sql`update messages set content = null, deleted_at = created_at where id = ${begun?.id ?? ""}`,
    ]);
    server.send(done);
    await a.ended(1);
    expect(await a.world.db.query(sql`select 1 from message_mentions`)).toEqual([]);
    expect((await a.world.events()).at(-1)).toBe("message.completed");
  });

  test("is there at once, and shows what there is of it while it is written", async () => {
    const server = told();
    await using a = await assisted({ script: server.script });
    await a.add({ trigger: "always" });
    await a.send("Well?");
    expect(await a.answers(1)).toMatchObject([{ status: "streaming", content: "", version: 1 }]);
    server.send(piece("One"));
    await eventually(async () => (await a.answers(1))[0]?.content === "One");
    server.send(piece(", two"));
    await eventually(async () => (await a.answers(1))[0]?.content === "One, two");
    server.send(done);
    expect(await a.ended(1)).toMatchObject([{ status: "complete", content: "One, two", version: 2 }]);
  });

  test("that the server ends with a reason but without [DONE] is complete", async () => {
    await using a = await assisted({
      script: async function* () {
        yield piece("All.", { finish_reason: "stop" });
      },
    });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "complete", content: "All." }]);
  });

  test("is put together from frames that are cut anywhere, and from characters that are", async () => {
    const frames = `: hello\r\n\r\nevent: x\r\nid: 7\r\n${piece("a\ud83d").replaceAll("\n", "\r\n")}${piece("\ude00 ü")}data: {"choices":\ndata: []}\n\n${done}`;
    const bytes = new TextEncoder().encode(frames);
    const body = () =>
      new ReadableStream<Uint8Array>({
        async start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });
    await using a = await assisted({ script: () => stream(body()) });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "complete", content: "a😀 ü" }]);
  });

  test("that is longer than a message may be ends with what fits, and the rest is not fetched", async () => {
    await using a = await assisted({
      script: async function* () {
        for (;;) {
          yield piece("🙂".repeat(1_000));
        }
      },
    });
    await a.add();
    await a.send("@helper");
    const [answer] = await a.ended(1);
    expect([answer?.status, [...(answer?.content ?? "")].length]).toEqual(["complete", LONGEST_ANSWER]);
    const [asked] = a.chat.asked;
    await eventually(() => asked?.gone());
  });

  test("has no control characters and no long runs of combining marks", async () => {
    await using a = await assisted({ script: says("a\u0000b\u001bc\td\n", "e".padEnd(60, "\u0316"), "\ud800!") });
    await a.add();
    await a.send("@helper");
    expect((await a.ended(1))[0]?.content).toBe(`abc\td\n${"e".padEnd(31, "\u0316")}\ufffd!`);
  });
});

describe("an answer that fails keeps what there was of it:", () => {
  const cases: readonly (readonly [what: string, script: Script, content: string, reason: string])[] = [
    ["500", () => new Response("the-secret-key is bad", { status: 500 }), "", "The server answers 500."],
    ["401", () => new Response(null, { status: 401 }), "", "The server answers 401."],
    ["another content type", () => Response.json({ choices: [] }), "", "The server answers with something else"],
    ["nothing at all", says(), "", ""],
    [
      "an error in the stream",
      async function* () {
        yield piece("Half");
        yield `data: ${JSON.stringify({ error: { message: "the-secret-key" } })}\n\n`;
      },
      "Half",
      "The server reports an error.",
    ],
    [
      "no JSON",
      async function* () {
        yield piece("Half");
        yield "data: {nonsense\n\n";
      },
      "Half",
      "An event of the stream is no JSON object.",
    ],
    [
      "cut off between two frames",
      async function* () {
        yield piece("Half");
      },
      "Half",
      "The stream was cut off.",
    ],
    [
      "cut off in a frame",
      async function* () {
        yield piece("Half");
        yield piece("other half").slice(0, 20);
      },
      "Half",
      "The stream was cut off.",
    ],
    [
      "no UTF-8",
      () => stream(new Uint8Array([...new TextEncoder().encode(piece("Half")), 0xff, 0xfe])),
      "Half",
      "The stream was cut off.",
    ],
    [
      "a line without an end",
      () => stream(`${piece("Half")}data: ${"x".repeat(3 * 1024 * 1024)}`),
      "Half",
      "A line of the stream has no end.",
    ],
    [
      "no text although it goes on for ever",
      () => stream(`: ${"x".repeat(1_000)}\n`.repeat(10_000)),
      "",
      "The stream is too long.",
    ],
  ];
  test.each(cases)("%s", async (_, script, content, reason) => {
    await using a = await assisted({ script });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content }]);
    expect(a.lines.join()).toContain(reason);
    expect(a.lines.join()).not.toContain("secret");
    expect(a.lines.join()).not.toContain(a.chat.origin);
  });

  test("a server that cannot be reached", async () => {
    await using a = await assisted({ settings: { urls: ["http://127.0.0.1:1/v1"] } });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "" }]);
    expect(a.lines.join()).toContain("The connection to the server failed.");
    expect(a.lines.join()).not.toContain("127.0.0.1");
  });

  test("a server that falls silent, and one that never begins", async () => {
    const server = told();
    await using a = await assisted({
      script: server.script,
      running: { patience: { silentMs: 50, wholeMs: 60_000 } },
    });
    await a.add();
    server.send(piece("Half"));
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "Half" }]);
    await a.send("@helper");
    expect((await a.ended(2))[1]).toMatchObject({ status: "failed", content: "" });
    expect(a.lines.join()).toContain("The server takes too long.");
  });

  test("a server that goes on for too long", async () => {
    await using a = await assisted({
      script: async function* () {
        for (;;) {
          yield ": alive\n\n";
          await Bun.sleep(1);
        }
      },
      running: { patience: { silentMs: 1_000, wholeMs: 30 } },
    });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "" }]);
  });

  test("a process that ends while it is written", async () => {
    const server = told();
    await using a = await assisted({ script: server.script });
    await a.add();
    server.send(piece("Half"));
    await a.send("@helper");
    await eventually(async () => (await a.answers(1))[0]?.content === "Half");
    await a.running.close();
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "Half" }]);
  });
});

describe("the key", () => {
  test("does not follow a redirect", async () => {
    await using other = await assisted();
    await using a = await assisted({
      script: () => Response.redirect(`${other.chat.origin}/v1/chat/completions`, 307),
    });
    await a.add();
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "" }]);
    expect(a.lines.join()).toContain("The server answers 307.");
    expect(other.chat.asked).toEqual([]);
  });

  test("does not go to a server that the operator has taken from the list since", async () => {
    await using a = await assisted();
    const { json } = await a.add();
    await a.world.db.write([sql`update assistants set base_url = 'http://127.0.0.1:2/v1' where id = ${json.id}`]);
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "failed", content: "" }]);
    expect(a.lines.join()).toContain("no longer allows");
  });

  test("is not sent where there is none; an origin alone is also looked for at /v1", async () => {
    await using a = await assisted({ settings: { key: null } });
    a.chat.script = (asked) =>
      asked.path.startsWith("/v1/") ? says("Here.")(asked) : new Response("nothing here", { status: 404 });
    await a.add({ base_url: a.chat.origin });
    await a.send("@helper");
    expect(await a.ended(1)).toMatchObject([{ status: "complete", content: "Here." }]);
    expect(a.chat.asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ["/chat/completions", null],
      ["/v1/chat/completions", null],
    ]);
  });
});
