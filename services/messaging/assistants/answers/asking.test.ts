import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { eventually, rowsOf } from "@stoa/testing";
import type { Conversation } from "../../conversations/schema.ts";
import type { Message } from "../../messages/schema.ts";
import { type Assisted, assisted } from "../../test/assisted.ts";
import { done, piece, says, told } from "../../test/chat-server.ts";
import { serve } from "../../test/service.ts";

const spent = async (a: Assisted) =>
  (
    await rowsOf<{ user_id: string; tokens: number }>(a.world.db, sql`select user_id, tokens from assistant_spending`)
  ).map(({ user_id, tokens }) => [user_id, tokens] as const);
const waiting = async (a: Assisted) =>
  (await rowsOf(a.world.db, sql`select question_id from answers where ended_at is null`)).length;

describe("what is asked", () => {
  test("a message that mentions an assistant asks it alone, and one to all is for those that always answer", async () => {
    await using a = await assisted({ script: (asked) => says(asked.body.model)(asked) });
    await a.add({ name: "one", model: "1" });
    await a.add({ name: "two", model: "2" });
    await a.add({ name: "three", model: "3", trigger: "always" });
    await a.send("Good morning.");
    await a.ended(1);
    await a.send("@one and @two: good morning.");
    const contents = (await a.ended(4)).map(({ content }) => content);
    expect([contents[0], contents.slice(1).sort()]).toEqual(["3", ["1", "2", "3"]]);
    expect(await waiting(a)).toBe(0);
  });

  test("nothing by a message of the system, one that was sent before, and an assistant that was removed", async () => {
    await using a = await assisted();
    await a.add({ trigger: "always" });
    const { json } = await a.add({ name: "two" });
    await a.service.call(a.ann, "DELETE", `${a.path}/assistants/${json.id}`);
    const send = () => a.service.call(a.ann, "POST", `${a.path}/messages`, { content: "@two", client_id: "c" });
    expect([(await send()).status, (await send()).status]).toEqual([201, 201]);
    await a.ended(1);
    expect(await waiting(a)).toBe(0);
    expect(a.chat.asked).toHaveLength(1);
  });

  test("a direct message in one call asks as well", async () => {
    await using a = await assisted();
    const direct = await a.service.call<Conversation>(a.ann, "POST", "/conversations", {
      type: "direct",
      participant_ids: [a.bob.user_id],
    });
    const path = `/conversations/${direct.json.id}`;
    await a.service.call(a.bob, "POST", `${path}/assistants`, { name: "helper", model: "m", trigger: "mention" });
    await a.service.call(a.ann, "POST", "/messages", { recipient_id: a.bob.user_id, content: "@helper" });
    const read = () => a.service.call<{ items: Message[] }>(a.bob, "GET", `${path}/messages`);
    const answer = await eventually(async () =>
      (await read()).json.items.find(({ status, seq }) => seq === 2 && status === "complete"),
    );
    expect(answer).toMatchObject({ recipient_id: null, content: "Hello." });
  });
});

describe("what the model is told", () => {
  test("is what was said up to the question, by whom, without what was deleted or is still being written", async () => {
    const server = told();
    await using a = await assisted({ script: says("I am here.") });
    await a.add();
    await a.send("One.", a.bob);
    await a.send("@helper");
    await a.ended(1);
    const { json: deleted } = await a.send("Two.", a.bob);
    await a.world.db.write([
      sql`update messages set content = null, deleted_at = ${new Date().toISOString()} where id = ${deleted.id}`,
    ]);
    a.chat.script = server.script;
    await a.send("@helper, go on");
    await a.answers(2);
    await eventually(() => a.chat.asked.length === 2);
    a.chat.script = says("Third.");
    await a.send("@helper, and now?", a.bob);
    await eventually(() => a.chat.asked.length === 3);
    expect(a.chat.asked[2]?.body.messages.slice(1)).toEqual([
      { role: "user", content: "bob: One." },
      { role: "user", content: "ann: @helper" },
      { role: "assistant", content: "I am here." },
      { role: "user", content: "ann: @helper, go on" },
      { role: "user", content: "bob: @helper, and now?" },
    ]);
    server.send(piece("x"));
    server.send(done);
    await a.ended(3);
  });

  test("is bounded in tokens: the last messages that fit, and the beginning of a question that alone is too long", async () => {
    await using a = await assisted();
    await a.add({ instructions: "i".repeat(20_000) });
    for (let number = 1; number <= 12; number++) await a.send(`${number} ${"x".repeat(4_000)}`);
    await a.send("@helper");
    await a.ended(1);
    await a.send(`@helper ${"界".repeat(15_000)}`);
    await a.ended(2);
    const [first, second] = a.chat.asked.map(({ body }) => body.messages.map(({ content }) => content));
    expect(first?.map((content) => content.slice(0, 8))).toEqual([
      "You are ",
      "ann: 10 ",
      "ann: 11 ",
      "ann: 12 ",
      "ann: @he",
    ]);
    expect(second).toHaveLength(2);
    expect([...(second?.[1] ?? "")].length).toBeLessThan(4_100);
  });

  test("is nothing for one who has left meanwhile, or whose question was deleted: it is dropped and costs nothing", async () => {
    await using a = await assisted({ settings: { daily_tokens: 1_000 } });
    await a.add();
    await a.running.close();
    const { json: question } = await a.send("@helper");
    await a.send("@helper", a.bob);
    expect((await spent(a)).map(([, tokens]) => tokens)).toEqual([1_000, 1_000]);
    await a.world.db.write([
      sql`update messages set content = null, deleted_at = ${new Date().toISOString()} where id = ${question.id}`,
    ]);
    await a.service.call(a.bob, "DELETE", a.path);
    await using b = await assisted({ running: { db: a.world.db } });
    await eventually(async () => (await waiting(a)) === 0);
    expect((await spent(a)).map(([, tokens]) => tokens)).toEqual([0, 0]);
    expect(b.chat.asked).toEqual([]);
  });

  test("is nothing when nobody has begun the answer for long", async () => {
    await using a = await assisted();
    await a.add();
    await a.running.close();
    await a.send("@helper");
    await using b = await assisted({
      running: { db: a.world.db, now: () => new Date(Date.now() + 11 * 60_000) },
    });
    await eventually(async () => (await waiting(a)) === 0);
    expect(b.chat.asked).toEqual([]);
  });
});

describe("the budget", () => {
  test("is charged with what the server says, or with an estimate; when it is spent, asking is refused until the next day", async () => {
    const script = async function* () {
      yield piece("Yes.", { finish_reason: "stop" });
      yield `data: ${JSON.stringify({ choices: [], usage: { total_tokens: 60 } })}\n\n`;
      yield done;
    };
    await using a = await assisted({ script, settings: { daily_tokens: 100 } });
    await a.add();
    await a.send("@helper");
    await a.ended(1);
    expect(await spent(a)).toEqual([[a.ann.user_id, 60]]);
    a.chat.script = says("Yes.");
    await a.send("@helper");
    await a.ended(2);
    const [[, tokens = 0] = []] = await spent(a);
    expect(tokens).toBeGreaterThan(100);
    const refused = await a.send("@helper");
    expect(refused).toMatchObject({ status: 429, json: { error_code: "budget_spent" } });
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 86_401);
    // What asks nothing is sent, and others have a budget of their own.
    expect((await a.send("Never mind.")).status).toBe(201);
    expect((await a.send("@helper", a.bob)).status).toBe(201);
    await a.ended(3);
    expect(await spent(a)).toHaveLength(2);
  });

  test("a question under way reserves what it may cost, so that many at once do not spend more", async () => {
    const server = told();
    await using a = await assisted({ script: server.script, settings: { daily_tokens: 1_000 } });
    await a.add();
    const answers = await Promise.all(Array.from({ length: 5 }, () => a.send("@helper")));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 429, 429, 429, 429]);
    server.send(piece("x"));
    server.send(done);
    server.end();
    await a.ended(1);
    expect((await a.send("@helper")).status).toBe(201);
    server.send(done);
    await a.ended(2);
  });

  test("an assistant that always answers is silent then, and people go on to talk; alone with it, sending is refused", async () => {
    for (const alone of [false, true]) {
      await using a = await assisted({ settings: { daily_tokens: 1 }, alone });
      await a.add({ trigger: "always" });
      await a.send("One.");
      await a.ended(1);
      expect((await a.send("Two.")).status).toBe(alone ? 429 : 201);
      expect(await waiting(a)).toBe(0);
    }
  });

  test("whoever comes back to a direct conversation by writing is not alone with its assistant", async () => {
    await using a = await assisted({ settings: { daily_tokens: 1 } });
    const write = (content: string) =>
      a.service.call<Message>(a.ann, "POST", "/messages", { recipient_id: a.bob.user_id, content });
    const path = `/conversations/${(await write("Hello.")).json.conversation_id}`;
    await a.service.call(a.ann, "POST", `${path}/assistants`, { name: "helper", model: "small", trigger: "always" });
    await write("One.");
    // A question of whoever leaves before it was begun costs nothing.
    await eventually(async () => (await waiting(a)) === 0);
    await a.service.call(a.ann, "DELETE", path);
    expect((await write("Two.")).status).toBe(201);
    await a.service.call(a.bob, "DELETE", path);
    expect((await write("Three.")).status).toBe(429);
  });

  test("what was sent before is answered again whatever is left", async () => {
    await using a = await assisted({ settings: { daily_tokens: 1 } });
    await a.add();
    const send = (client_id: string) =>
      a.service.call(a.ann, "POST", `${a.path}/messages`, { content: "@helper", client_id });
    await send("c");
    await a.ended(1);
    expect([(await send("c")).status, (await send("d")).status]).toEqual([201, 429]);
  });
});

test("assistants that mention each other answer once and no more", async () => {
  await using a = await assisted({ script: says("Yes, @one? And @two? @three!") });
  for (const name of ["one", "two"]) await a.add({ name });
  await a.add({ name: "three", trigger: "always" });
  await a.send("@one");
  // One and three answer ann. Each of the two asks the others, who answer and ask nobody.
  const answers = await a.ended(6);
  expect(answers).toHaveLength(6);
  expect(await waiting(a)).toBe(0);
  const depths = await rowsOf<{ depth: number }>(a.world.db, sql`select depth from answers order by depth`);
  expect(depths.map(({ depth }) => depth)).toEqual([0, 0, 1, 1, 1, 1]);
  expect((await spent(a)).map(([user_id]) => user_id)).toEqual([a.ann.user_id]);
});

test("two processes share the work: each answer is written once", async () => {
  await using a = await assisted({ script: says("Hello.") });
  await using b = await assisted({ running: { db: a.world.db }, script: says("Hello.") });
  await using other = await serve(a.world, { deps: { assistants: b.running } });
  await a.add();
  const sending = Array.from({ length: 20 }, (_, number) =>
    number % 2 ? a.send("@helper") : other.call(a.bob, "POST", `${a.path}/messages`, { content: "@helper" }),
  );
  const statuses = (await Promise.all(sending)).map(({ status }) => status);
  const sent = statuses.filter((status) => status === 201).length;
  const answers = await a.ended(sent);
  expect(answers).toHaveLength(sent);
  expect(new Set(answers.map(({ parent_id }) => parent_id)).size).toBe(sent);
});
