import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { eventually } from "@stoa/testing";
import type { Message } from "../messages/schema.ts";
import { assisted } from "../test/assisted.ts";
import { done, piece, says, slowly, told } from "../test/chat-server.ts";
import { type ClientStream, listen } from "../test/event-stream.ts";
import { serve } from "../test/service.ts";

/** The events about assistants' messages that a stream got, in order; each piece joins the one before without a gap. */
function story({ events }: ClientStream) {
  const texts = new Map<string, string>();
  return events.flatMap(({ event, data, id }) => {
    if (event === "message.delta") {
      const { message_id, offset, text } = data as { message_id: string; offset: number; text: string };
      const before = texts.get(message_id) ?? "";
      expect([...before].length).toBe(offset);
      texts.set(message_id, before + text);
      return [];
    }
    if (event === "message.completed") {
      const { id: message_id, content, status } = data as { id: string } & Pick<Message, "content" | "status">;
      return [{ id, status, content, pieces: texts.get(message_id) ?? "" }];
    }
    return [];
  });
}

const textOf = (stream: ClientStream) =>
  stream.events
    .filter(({ event }) => event === "message.delta")
    .map(({ data }) => data["text"])
    .join("");

const words = Array.from({ length: 40 }, (_, number) => `wörd${number} 🙂 `);
const whole = words.join("");

async function underWay() {
  const server = told();
  const a = await assisted({ script: server.script });
  await a.add();
  return { a, server, [Symbol.asyncDispose]: () => a[Symbol.asyncDispose]() };
}

const completed = (stream: ClientStream) => stream.until(({ event }) => event === "message.completed");

describe("the text of an answer", () => {
  test("comes in pieces between the message, which is empty, and its end, which has it whole", async () => {
    await using u = await underWay();
    using bob = await listen(u.a.service, u.a.bob);
    await u.a.send("@helper");
    for (const word of words) {
      u.server.send(piece(word));
      await eventually(() => textOf(bob).endsWith(word));
    }
    u.server.send(done);
    await completed(bob);
    expect(story(bob)).toEqual([{ id: expect.any(String), status: "complete", content: whole, pieces: whole }]);
    const names = bob.events.map(({ event }) => event);
    expect(names.slice(0, 4)).toEqual(["ready", "message.sent", "message.sent", "message.delta"]);
    expect(names.at(-1)).toBe("message.completed");
    expect(bob.events[2]?.data).toMatchObject({ status: "streaming", content: "" });
    // A piece does not move the position.
    expect(bob.events[3]?.id).toBe(bob.events[2]?.id ?? "");
    u.server.end();
  });

  test("comes as a piece also when all of it is there at once", async () => {
    await using a = await assisted({ script: says(whole) });
    await a.add();
    using bob = await listen(a.service, a.bob);
    await a.send("@helper");
    await completed(bob);
    expect(story(bob)).toMatchObject([{ content: whole, pieces: whole }]);
  });

  test("so far comes first to whoever joins in the middle, or resumes there, and then what is new", async () => {
    await using u = await underWay();
    using bob = await listen(u.a.service, u.a.bob);
    await u.a.send("@helper");
    u.server.send(piece("One "));
    await bob.until(({ event }) => event === "message.delta");
    bob.cut();
    u.server.send(piece("two "));
    using joined = await listen(u.a.service, u.a.ann);
    using resumed = await listen(u.a.service, u.a.bob, { after: bob.last() });
    for (const stream of [joined, resumed]) await eventually(() => textOf(stream) === "One two ");
    u.server.send(piece("three."));
    for (const stream of [joined, resumed]) await eventually(() => textOf(stream) === "One two three.");
    u.server.send(done);
    for (const stream of [joined, resumed]) {
      await completed(stream);
      expect(story(stream)).toMatchObject([{ content: "One two three.", pieces: "One two three." }]);
      expect(stream.events.find(({ event }) => event === "message.delta")?.data).toMatchObject({ offset: 0 });
    }
    u.server.end();
  });

  test("comes to the streams of another process", async () => {
    await using u = await underWay();
    await using other = await serve(u.a.world);
    using bob = await listen(other, u.a.bob);
    await u.a.send("@helper");
    u.server.send(piece("Half"));
    await eventually(() => textOf(bob) === "Half");
    u.server.send(piece(", whole."));
    u.server.send(done);
    await completed(bob);
    expect(story(bob)).toMatchObject([{ content: "Half, whole.", pieces: "Half, whole." }]);
    u.server.end();
  });

  test("goes to those who take part and to nobody else, and no more to one who has left", async () => {
    await using u = await underWay();
    using eve = await listen(u.a.service, u.a.eve);
    using bob = await listen(u.a.service, u.a.bob);
    using ann = await listen(u.a.service, u.a.ann);
    await u.a.send("@helper");
    u.server.send(piece("One "));
    await eventually(() => textOf(bob) === "One ");
    await u.a.service.call(u.a.bob, "DELETE", u.a.path);
    u.server.send(piece("two"));
    await eventually(() => textOf(ann) === "One two");
    u.server.send(done);
    await completed(ann);
    expect([textOf(bob), eve.events.map(({ event }) => event)]).toEqual(["One ", ["ready"]]);
    u.server.end();
  });

  test("that was deleted in the middle ends without it", async () => {
    await using u = await underWay();
    using bob = await listen(u.a.service, u.a.bob);
    await u.a.send("@helper");
    u.server.send(piece("One "));
    await eventually(() => textOf(bob) === "One ");
    const time = new Date().toISOString();
    await u.a.world.db.write([
      sql`update messages set content = null, deleted_at = ${time} where status = 'streaming'`,
    ]);
    await completed(bob);
    expect(bob.events.at(-1)?.data).toMatchObject({ status: "cancelled", content: null });
    u.server.end();
  });
});

/** Streams that come, are cut and resume at random while answers are written: each sees every answer once, whole. */
test("random cuts while many answers are written: nothing is missing, shrinks or comes twice", async () => {
  const count = 8;
  await using a = await assisted({ script: slowly(words) });
  await a.add();
  const ended = new Map<string, string>();
  let asked = 0;
  let after: string | undefined;
  for (let round = 0; ended.size < count; round++) {
    using stream: ClientStream = await listen(a.service, a.bob, { after });
    if (asked < count) {
      await a.send("@helper", asked % 2 ? a.ann : a.bob);
      asked++;
    }
    // It is cut in the middle of answers, unless all that were asked for have come in few pieces.
    const enough = asked === count ? 61 : (round * 7) % 23;
    const done = () => ended.size + story(stream).length >= asked;
    await eventually(() => stream.events.length >= enough || done(), { what: "events" });
    stream.cut();
    for (const { id, content, pieces, status } of story(stream)) {
      expect([status, content]).toEqual(["complete", whole]);
      expect(whole.startsWith(pieces)).toBe(true);
      expect(ended.has(id)).toBe(false);
      ended.set(id, content ?? "");
    }
    after = stream.last() ?? after;
  }
  expect(ended.size).toBe(count);
});

test("assistants that come and go are told to everyone who takes part", async () => {
  await using a = await assisted();
  using bob = await listen(a.service, a.bob);
  const { json } = await a.add();
  await a.service.call(a.ann, "DELETE", `${a.path}/assistants/${json.id}`);
  await bob.until(({ event }) => event === "assistant.removed");
  expect(bob.events.slice(1).map(({ event, data }) => [event, data["id"]])).toEqual([
    ["assistant.added", json.id],
    ["assistant.removed", json.id],
  ]);
});
