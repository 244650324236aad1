import { describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import type { Conversation } from "../conversations/schema.ts";
import type { Message } from "../messages/schema.ts";
import { listen } from "../test/event-stream.ts";
import { talk } from "../test/talk.ts";
import { createGroup, sendMessage } from "../test/without-key.ts";
import { createWorld } from "../test/world.ts";
import { react } from "./react.ts";
import { NAMED } from "./schema.ts";

const at = (id: string, emoji: string) => `/messages/${id}/reactions/${encodeURIComponent(emoji)}`;

test("each user reacts once with each emoji, which everyone sees, and takes it back; repeating changes nothing", async () => {
  await using here = await talk();
  const { call, ann, bob, message, read } = here;
  const hers = await call<Message>(ann, "PUT", at(message.id, "👍"));
  expect([hers.status, hers.headers.get("etag")]).toEqual([200, '"1"']);
  expect(hers.json).toEqual({
    ...message,
    reactions: [{ emoji: "👍", count: 1, me: true, user_ids: [ann.user_id] }],
  });
  expect((await call<Message>(ann, "PUT", at(message.id, "👍"))).json).toEqual(hers.json);
  await call(bob, "PUT", at(message.id, "👍"));
  await call(bob, "PUT", at(message.id, "❤"));
  expect((await read(ann, message.id)).reactions).toEqual([
    { emoji: "👍", count: 2, me: true, user_ids: [ann.user_id, bob.user_id] },
    { emoji: "❤️", count: 1, me: false, user_ids: [bob.user_id] },
  ]);
  const taken = await call<Message>(ann, "DELETE", at(message.id, "👍"));
  expect(taken.status).toBe(200);
  expect(taken.json.reactions.map(({ emoji, me }) => [emoji, me])).toEqual([
    ["👍", false],
    ["❤️", false],
  ]);
  expect((await call<Message>(ann, "DELETE", at(message.id, "👍"))).json).toEqual(taken.json);
  expect((await here.world.events()).filter((name) => name.startsWith("reaction."))).toEqual([
    "reaction.added",
    "reaction.added",
    "reaction.added",
    "reaction.removed",
  ]);
});

test("they are shown by lists and with the last message of a conversation, each user's own marked", async () => {
  await using here = await talk();
  const { call, path, conversation, ann, bob, message } = here;
  await call(bob, "PUT", at(message.id, "🎉"));
  const reaction = { emoji: "🎉", count: 1, user_ids: [bob.user_id] };
  for (const [person, me] of [
    [ann, false],
    [bob, true],
  ] as const) {
    const reactions = [{ ...reaction, me }];
    expect((await call(person, "GET", path)).json).toMatchObject({ items: [{ reactions }] });
    expect((await call(person, "GET", "/messages")).json).toMatchObject({ items: [{ reactions }] });
    const seen = await call<Conversation>(person, "GET", `/conversations/${conversation.id}`);
    expect(seen.json.last_message?.reactions).toEqual(reactions);
  }
});

test("❤ and ❤️ are one, also when they are taken back", async () => {
  await using here = await talk();
  const { call, ann, bob, message } = here;
  await call(ann, "PUT", at(message.id, "❤"));
  const { json } = await call<Message>(bob, "PUT", at(message.id, "❤️"));
  expect(json.reactions).toMatchObject([{ emoji: "❤️", count: 2 }]);
  expect((await call<Message>(bob, "DELETE", at(message.id, "❤"))).json.reactions).toMatchObject([{ count: 1 }]);
});

test("what is no emoji is refused before anything is looked for; a stranger is 403, an unknown message 404", async () => {
  await using here = await talk();
  const { call, ann, eve, message } = here;
  for (const text of ["a", ":+1:", "👍👍", "1", "x".repeat(300)]) {
    for (const id of [message.id, newId()]) {
      for (const method of ["PUT", "DELETE"]) {
        expect(await call(ann, method, at(id, text))).toMatchObject({
          status: 422,
          json: { error_code: "validation_failed", errors: [{ path: "/path/emoji" }] },
        });
      }
    }
  }
  expect((await call(eve, "PUT", at(message.id, "👍"))).status).toBe(403);
  expect((await call(ann, "PUT", at(newId(), "👍"))).status).toBe(404);
});

test("a message has 50 different emoji at most; joining one that is there always works", async () => {
  await using here = await talk();
  const { call, ann, bob, message } = here;
  // Animals, from the rat on.
  const all = Array.from({ length: 51 }, (_, n) => String.fromCodePoint(0x1f400 + n));
  const [last] = all.slice(-1);
  for (const one of all.slice(0, 49)) expect((await call(ann, "PUT", at(message.id, one))).status).toBe(200);
  // At once, so that both would fit by what they have read.
  const tries = await Promise.all([
    call(ann, "PUT", at(message.id, all[49] ?? "")),
    call(bob, "PUT", at(message.id, last ?? "")),
  ]);
  expect(tries.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect(await call(ann, "PUT", at(message.id, "👍"))).toMatchObject({
    status: 409,
    json: { error_code: "too_many_reactions" },
  });
  const { json, status } = await call<Message>(bob, "PUT", at(message.id, all[0] ?? ""));
  expect([status, json.reactions.length]).toEqual([200, 50]);
});

describe("at the same moment", () => {
  test("the same reaction from several clients of one user is one, and one event", async () => {
    await using here = await talk();
    const { world, call, ann, message } = here;
    await Promise.all(Array.from({ length: 10 }, () => call(ann, "PUT", at(message.id, "👍"))));
    meanwhile(world.db, () => react(world.deps, ann, message.id, "🎉", true));
    expect((await react(world.deps, ann, message.id, "🎉", true)).reactions).toMatchObject([
      { count: 1 },
      { count: 1 },
    ]);
    expect((await world.events()).filter((name) => name === "reaction.added")).toHaveLength(2);
  });

  test("a deleted message takes no reaction any more, and has lost those that it had", async () => {
    await using here = await talk();
    const { world, call, ann, bob, message, read } = here;
    await call(bob, "PUT", at(message.id, "👍"));
    meanwhile(world.db, () => call(ann, "DELETE", `/messages/${message.id}`));
    expect(await call(bob, "PUT", at(message.id, "🎉"))).toMatchObject({
      status: 409,
      json: { error_code: "message_deleted" },
    });
    expect((await read(bob, message.id)).reactions).toEqual([]);
    expect((await call<Message>(bob, "DELETE", at(message.id, "👍"))).status).toBe(200);
    expect(await rowsOf(world.db, sql`select * from reactions`)).toEqual([]);
  });
});

test("of many who react with one emoji the first are named, and all are counted", async () => {
  await using world = await createWorld();
  const people = await world.people(...Array.from({ length: NAMED + 2 }, (_, n) => `p${String(n).padStart(2, "0")}x`));
  const [ann, ...others] = people;
  if (!ann) throw new Error("There is nobody.");
  const { id } = await createGroup(world.deps, ann, { title: "All", user_ids: others.map((p) => p.user_id) });
  const { message } = await sendMessage(world.deps, ann, id, { content: "hello" });
  let clock = Date.parse("2026-11-28T09:00:00.000Z");
  const deps = { ...world.deps, now: () => new Date(clock++) };
  for (const person of people) await react(deps, person, message.id, "👋", true);
  const last = others.at(-1) ?? ann;
  const { reactions } = await react(deps, last, message.id, "👋", true);
  expect(reactions).toEqual([
    { emoji: "👋", count: NAMED + 2, me: true, user_ids: people.slice(0, NAMED).map((p) => p.user_id) },
  ]);
});

test("streams bring a reaction as a GET shows the message to each receiver, with whose it is", async () => {
  await using here = await talk();
  const { service, call, ann, bob, message, read } = here;
  using hers = await listen(service, ann);
  using his = await listen(service, bob);
  for (const stream of [hers, his]) await stream.until(({ event }) => event === "ready");
  await call(bob, "PUT", at(message.id, "👍"));
  for (const [stream, person] of [
    [hers, ann],
    [his, bob],
  ] as const) {
    const { data } = await stream.until(({ event }) => event === "reaction.added");
    expect(data).toEqual({ ...(await read(person, message.id)), emoji: "👍", user_id: bob.user_id });
  }
  await call(bob, "DELETE", at(message.id, "👍"));
  const { data } = await hers.until(({ event }) => event === "reaction.removed");
  expect(data).toMatchObject({ id: message.id, emoji: "👍", user_id: bob.user_id, reactions: [] });
});
