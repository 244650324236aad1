import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { indexMissing } from "@stoa/db/search/index";
import { requireIntact } from "@stoa/db/search/test/intact";
import { disagreements } from "@stoa/db/search/test/oracle";
import type { Page } from "@stoa/http";
import { roundTrips, rowsOf } from "@stoa/testing";
import { conversationOf } from "../conversations/of-project.ts";
import { startTalk, type Talk } from "../test/task-talk.ts";
import { wordsInFile } from "../test/words-in-file.ts";
import type { Person } from "../test/world.ts";
import type { FoundMessage, Message } from "./schema.ts";
import { foldedMessage, searchedMessages } from "./searched.ts";

let talk: Talk;
beforeAll(async () => {
  talk = await startTalk();
});
afterAll(() => talk[Symbol.asyncDispose]());

const say = async (content: string, more: object = {}, by = talk.ann, at = talk.conversation_id) => {
  const body = { content, ...more };
  const { status, json } = await talk.service.call<Message>(by, "POST", `/conversations/${at}/messages`, body);
  expect(status).toBe(201);
  return json;
};

const search = async (q: string, query = "", as: Person = talk.ann) => {
  const path = `/messages/search?q=${encodeURIComponent(q)}${query}`;
  return (await talk.service.call<Page<FoundMessage>>(as, "GET", path)).json;
};

const contents = async (q: string, query = "", as: Person = talk.ann) =>
  (await search(q, query, as)).items.map(({ content }) => content);

const statusOf = async (path: string, as: Person | null = talk.ann) =>
  (await talk.service.call(as, "GET", `/messages/search${path}`)).status;

const index = () => indexMissing(talk.world.db, searchedMessages, () => true);

/** Whether the index comes to hold what the messages say: of all of them, as `fold` makes it, and nothing else. */
async function requireIndexed(): Promise<void> {
  const { db } = talk.world;
  await index();
  await requireIntact(db, "messages");
  const rows = await rowsOf<{ content: string | null; folded: string | null; row: number | null }>(
    db,
    sql`select content, folded, row from messages`,
  );
  expect(rows.filter(({ content, folded, row }) => row === null || folded !== foldedMessage(content))).toEqual([]);
}

describe("a search", () => {
  test("finds substrings, beginnings of words, and Chinese, Japanese and Korean characters, and says where", async () => {
    await say("Die Überprüfung der Straße 🙂 is done");
    await say("登录页面错误");
    await say("nothing of it");
    expect(await contents("STRASSE uberpruf")).toEqual(["Die Überprüfung der Straße 🙂 is done"]);
    expect(await contents("页面")).toEqual(["登录页面错误"]);
    expect(await contents("误")).toEqual(["登录页面错误"]);
    expect(await contents("of i")).toEqual(["nothing of it"]);
    const { items } = await search("done überprüf");
    expect(items[0]?.matches).toEqual([
      { offset: 4, length: 8 },
      { offset: 32, length: 4 },
    ]);
    expect(items[0]).toMatchObject({ is_read: true, reactions: [], mentions: [], sender_id: talk.ann.user_id });
    expect(items[0]).not.toHaveProperty("row");
  });

  test("is newest first, page by page, also with skip, and counts", async () => {
    for (const n of [1, 2, 3, 4, 5]) await say(`Heron ${n}`);
    const found: (string | null)[] = [];
    for (let cursor = ""; ; ) {
      const page = await search("heron", `&limit=2${cursor}`);
      found.push(...page.items.map(({ content }) => content));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(found).toEqual(["Heron 5", "Heron 4", "Heron 3", "Heron 2", "Heron 1"]);
    const first = await search("heron", "&skip=3&limit=1&count=true");
    expect([first.items.map(({ content }) => content), first.total]).toEqual([["Heron 2"], 5]);
    const other = await talk.service.call(
      talk.ann,
      "GET",
      `/messages/search?q=weir&cursor=${(await search("heron", "&limit=1")).next_cursor}`,
    );
    expect(other.json).toMatchObject({ error_code: "invalid_cursor" });
  });

  test("is narrowed to a conversation, a sender, a task and a time", async () => {
    const { ann, bob, world, service, project_id, conversation_id } = talk;
    const task_id = await talk.task(project_id);
    const direct = await service.call<Message>(bob, "POST", "/messages", {
      recipient_id: ann.user_id,
      content: "Kestrel direct",
    });
    await say("Kestrel plan", { task_id });
    await say("Kestrel bob", {}, bob);
    await world.db.write([
      sql`update messages set created_at = '2026-01-01T00:00:00.000Z' where content = 'Kestrel bob'`,
    ]);
    expect(await contents("kestrel")).toEqual(["Kestrel bob", "Kestrel plan", "Kestrel direct"]);
    expect(await contents("kestrel", `&conversation_id=${direct.json.conversation_id}`)).toEqual(["Kestrel direct"]);
    expect(await contents("kestrel", `&conversation_id=${conversation_id}&sender_id=me`)).toEqual(["Kestrel plan"]);
    expect(await contents("kestrel", `&sender_id=${bob.user_id}`)).toEqual(["Kestrel bob", "Kestrel direct"]);
    expect(await contents("kestrel", "&sender_id=none")).toEqual([]);
    expect(await contents("kestrel", `&task_id=${task_id}`)).toEqual(["Kestrel plan"]);
    expect(await contents("kestrel", "&task_id=none")).toEqual(["Kestrel bob", "Kestrel direct"]);
    const all = ["Kestrel bob", "Kestrel direct", "Kestrel plan"];
    expect((await contents("kestrel", `&task_id=none,${task_id}`)).sort()).toEqual(all);
    const both = `${direct.json.conversation_id},${conversation_id}`;
    expect((await contents("kestrel", `&conversation_id=${both}`)).sort()).toEqual(all);
    expect(await contents("kestrel", `&conversation_id=${both}&sender_id=${bob.user_id},none`)).toEqual([
      "Kestrel bob",
      "Kestrel direct",
    ]);
    expect(await contents("kestrel", "&until=2026-02-01T00:00:00Z")).toEqual(["Kestrel bob"]);
    expect(await contents("kestrel", "&since=2026-02-01T00:00:00Z")).toEqual(["Kestrel plan", "Kestrel direct"]);
  });

  test("401, 403, 404 and 422 are as for other lists", async () => {
    const { eve, conversation_id, project_id } = talk;
    const task_id = await talk.task(project_id);
    expect(await statusOf("?q=x", null)).toBe(401);
    for (const filter of [`conversation_id=${conversation_id}`, `task_id=${task_id}`]) {
      expect(await statusOf(`?q=x&${filter}`, eve)).toBe(403);
    }
    for (const filter of [`conversation_id=${newId()}`, `task_id=${newId()}`]) {
      expect(await statusOf(`?q=x&${filter}`)).toBe(404);
    }
    for (const query of [
      "",
      "?q=",
      `?q=${"a".repeat(256)}`,
      "?q=x&since=yesterday",
      "?q=x&sender_id=bob",
      "?q=x&a=b",
    ]) {
      expect(await statusOf(query)).toBe(422);
    }
  });

  test("takes a round trip for what is not in the index yet, one for what is, and one for what it is narrowed to", async () => {
    const { ann, world, service, conversation_id } = talk;
    for (const [trips, path] of [
      [2, "/messages/search?q=dunnock"],
      [3, `/messages/search?q=dunnock&conversation_id=${conversation_id}`],
    ] as const) {
      expect(await roundTrips(world.db, () => service.call(ann, "GET", path))).toBe(trips);
    }
  });
});

describe("what is found", () => {
  test("is only what one may read now", async () => {
    const { ann, bob, eve, world, service } = talk;
    const other = await world.project(ann, bob, eve);
    await say("Bittern here", {}, bob, conversationOf(other));
    const group = await service.call<{ id: string }>(eve, "POST", "/conversations", { type: "group", title: "G" });
    await say("Bittern there", {}, eve, group.json.id);
    expect(await contents("bittern")).toEqual(["Bittern here"]);
    expect(await contents("bittern", "", eve)).toEqual(["Bittern there", "Bittern here"]);
    expect((await search("bittern", "&count=true", talk.cid)).total).toBe(0);
    const about = { project_id: other, name: "Apollo", version: 2 };
    await world.apply("project.member_removed", { ...about, user_id: eve.user_id, role: "developer" }, ann);
    expect(await contents("bittern", "", eve)).toEqual(["Bittern there"]);
    await world.apply("project.trashed", about, ann);
    expect(await contents("bittern")).toEqual([]);
    await world.apply("project.restored", about, ann);
    expect(await contents("bittern")).toEqual(["Bittern here"]);
  });

  test("of a task that moved is found by whoever sees it now, and by those who were there", async () => {
    const { ann, bob, eve, world, project_id } = talk;
    const task_id = await talk.task(project_id);
    await say("Plover", { task_id });
    expect(await contents("plover", "", eve)).toEqual([]);
    await talk.move(task_id, project_id, await world.project(ann, eve));
    expect([await contents("plover", "", eve), await contents("plover", "", bob)]).toEqual([["Plover"], ["Plover"]]);
    expect(await contents("plover", `&task_id=${task_id}`, eve)).toEqual(["Plover"]);
    expect(await statusOf(`?q=plover&task_id=${task_id}`, bob)).toBe(403);
  });

  test("agrees with a slow reading of all messages on random texts and searches", async () => {
    await using fresh = await startTalk();
    const { ann, bob, service, conversation_id } = fresh;
    const wrong = await disagreements({
      searches: 300,
      texts: 60,
      seed: 11,
      write: async (texts) => {
        for (const [title, body] of texts) {
          const content = `${title}\n${body}`;
          await service.call(ann, "POST", `/conversations/${conversation_id}/messages`, { content });
        }
      },
      find: async (q) => {
        const titles: string[] = [];
        for (let cursor = ""; ; ) {
          const path = `/messages/search?limit=100&q=${encodeURIComponent(q)}${cursor}`;
          const { json } = await service.call<Page<FoundMessage>>(bob, "GET", path);
          titles.push(...json.items.map(({ content }) => content?.split("\n")[0] ?? ""));
          if (json.next_cursor === null) return titles;
          cursor = `&cursor=${json.next_cursor}`;
        }
      },
    });
    expect(wrong).toEqual([]);
  });
});

describe("the index", () => {
  test.each([true, false])("follows edits and deletions; indexed: %p", async (indexed) => {
    const { ann, service } = talk;
    const { id } = await say("Wörter");
    if (indexed) await index();
    await service.call(ann, "PATCH", `/messages/${id}`, { content: "Ärger" });
    expect([await contents("arger"), await contents("worter")]).toEqual([["Ärger"], []]);
    await service.call(ann, "DELETE", `/messages/${id}`);
    expect(await contents("arger")).toEqual([]);
    await requireIndexed();
  });

  test.each([true, false])("keeps nothing of a deleted message in the file; indexed: %p", async (indexed) => {
    await using fresh = await startTalk({ inFile: true });
    const { ann, service, world, conversation_id } = fresh;
    const path = `/conversations/${conversation_id}/messages`;
    const secret = "Zaunkönigsgeheimnis";
    const { json } = await service.call<Message>(ann, "POST", path, { content: `${secret} glossyibisword` });
    if (indexed) await indexMissing(world.db, searchedMessages, () => true);
    await service.call(ann, "PATCH", `/messages/${json.id}`, { content: `second${secret} glossyibisword` });
    const { json: other } = await service.call<Message>(ann, "POST", path, { content: "Zippingcisticola" });
    if (indexed) await indexMissing(world.db, searchedMessages, () => true);
    for (const { id } of [json, other]) expect((await service.call(ann, "DELETE", `/messages/${id}`)).status).toBe(204);
    const words = [secret, foldedMessage(secret), "glossyibisword", "zippingcisticola"];
    expect(await wordsInFile(world, words)).toEqual([]);
  });

  test("gets messages that an older version wrote, and none twice", async () => {
    const { db } = talk.world;
    const { id } = await say("Nightjar");
    const { conversation_id, ann } = talk;
    await db.write([
      sql`update messages set folded = null where id = ${id}`,
      sql`update conversations set last_seq = last_seq + 1 where id = ${conversation_id}`,
      sql`insert into messages (id, conversation_id, seq, type, sender_id, content, created_at, updated_at)
        select ${newId()}, id, last_seq, 'user', ${ann.user_id}, 'Nightjar Öl', updated_at, updated_at
        from conversations where id = ${conversation_id}`,
    ]);
    expect(await contents("nightjar")).toEqual(["Nightjar Öl", "Nightjar"]);
    for (let run = 0; run < 2; run++) await index();
    expect(await contents("nightjar")).toEqual(["Nightjar Öl", "Nightjar"]);
    await requireIndexed();
  });

  test("has a new message afterwards; it is found meanwhile, with its places, and counted", async () => {
    const { world, eve } = talk;
    await say("Ortolan über der Straße");
    expect(await rowsOf(world.db, sql`select folded from messages where content like 'Ortolan%'`)).toEqual([
      { folded: null },
    ]);
    for (let turn = 0; turn < 2; turn++) {
      const { items, total } = await search("strasse orto", "&count=true");
      expect([items.length, items[0]?.matches, total]).toEqual([
        1,
        [
          { offset: 0, length: 4 },
          { offset: 17, length: 6 },
        ],
        1,
      ]);
      expect([await contents("ortolan", "", eve), await contents("ortolan weir")]).toEqual([[], []]);
      await index();
    }
  });

  test("gets messages while a burst of them is sent; each is found as soon as it is answered", async () => {
    const missed: string[] = [];
    const burst = Array.from({ length: 60 }, async (_, n) => {
      await say(`Wagtail ${n}.`);
      if (!(await contents(`wagtail ${n}.`)).includes(`Wagtail ${n}.`)) missed.push(`Wagtail ${n}.`);
    });
    const indexing = (async () => {
      for (let turn = 0; turn < 10; turn++) await index();
    })();
    await Promise.all([...burst, indexing]);
    expect([missed, (await search("wagtail", "&limit=100")).items.length]).toEqual([[], 60]);
    await requireIndexed();
  });
});
