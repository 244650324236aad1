import { expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import { run } from "./main.ts";
import { at, channel, direct, messagesIn, post, said, team, time, user, version, world } from "./test/mattermost.ts";

test("channels become groups, with posts, answers and reactions at their times, and nothing is unread", async () => {
  await using w = await world("ann", "bob", "cid");
  w.write([
    version,
    team,
    channel("town"),
    user("ann", ["town"]),
    user("Bob", ["town"], true),
    user("cid", ["town"]),
    post("town", "ann", "Later", 30),
    post("town", "ann", "First **post**", 0, {
      reactions: [
        { user: "bob", emoji_name: "+1", create_at: at(1) },
        { user: "cid", emoji_name: "thumbsup", create_at: at(1) },
        { user: "cid", emoji_name: "parrot", create_at: at(1) },
      ],
      replies: [said("bob", "An answer", 10, { edit_at: at(11) }), said("cid", "Another", 40)],
      is_pinned: true,
    }),
    { type: "direct_channel", direct_channel: { members: ["ann", "bob"] } },
    direct(["bob", "ann"], "bob", "Between us", 5),
    direct(["ann", "bob", "cid"], "cid", "Among three", 6),
  ]);
  const { code, lines } = await w.bring();
  expect(lines).toEqual([
    "not carried over: 1 reactions by emoji that Stoa does not know",
    "3 conversations and 6 messages added, 0 there already",
  ]);
  expect(code).toBe(0);
  expect(await messagesIn(w.db, "The town")).toEqual([
    { seq: 1, content: "First **post**", sender_id: w.id("ann"), created_at: time(0) },
    { seq: 2, content: "An answer", sender_id: w.id("bob"), created_at: time(10) },
    { seq: 3, content: "Later", sender_id: w.id("ann"), created_at: time(30) },
    { seq: 4, content: "Another", sender_id: w.id("cid"), created_at: time(40) },
  ]);
  const answers = await rowsOf(
    w.db,
    sql`select m.content, p.content as parent, m.edited_at, p.pinned_at from messages m join messages p on p.id = m.parent_id
      order by m.seq`,
  );
  expect(answers).toEqual([
    { content: "An answer", parent: "First **post**", edited_at: time(11), pinned_at: time(0) },
    { content: "Another", parent: "First **post**", edited_at: null, pinned_at: time(0) },
  ]);
  expect(await rowsOf(w.db, sql`select emoji, count(*) as n from reactions group by emoji`)).toEqual([
    { emoji: "👍", n: 2 },
  ]);
  expect(
    await rowsOf(
      w.db,
      sql`select c.type, c.title, p.user_id, p.role, c.last_seq - p.read_seq as unread, c.updated_at
        from participants p join conversations c on c.id = p.conversation_id
        where p.user_id = ${w.id("bob")} order by c.type, c.title`,
    ),
  ).toEqual([
    { type: "direct", title: null, user_id: w.id("bob"), role: "member", unread: 0, updated_at: time(5) },
    { type: "group", title: null, user_id: w.id("bob"), role: expect.any(String), unread: 0, updated_at: time(6) },
    { type: "group", title: "The town", user_id: w.id("bob"), role: "owner", unread: 0, updated_at: time(40) },
  ] as never);
  const recipients = await rowsOf(w.db, sql`select recipient_id from messages where content = 'Between us'`);
  expect(recipients).toEqual([{ recipient_id: w.id("ann") }]);
  expect(await rowsOf(w.db, sql`select 1 from notifications`)).toEqual([]);
  expect(await rowsOf(w.db, sql`select type, count(*) as n from journal group by type order by type`)).toEqual([
    { type: "conversation.created", n: 3 },
    { type: "conversation.imported", n: 3 },
  ]);
  const found = await rowsOf(
    w.db,
    sql`select rowid from messages_substrings where messages_substrings match '"answer"'`,
  );
  expect(found).toHaveLength(1);
});

test("the same file again adds nothing, also of what was edited, deleted or left since; a longer one adds the rest", async () => {
  await using w = await world("ann", "bob");
  const lines = [channel("town"), user("ann", ["town"]), user("bob", ["town"]), post("town", "ann", "One", 0)];
  w.write(lines);
  await w.bring();
  await w.db.write([
    sql`update messages set content = null, folded = '', deleted_at = created_at`,
    sql`delete from participants where user_id = ${w.id("bob")}`,
  ]);
  expect((await w.bring()).lines).toEqual(["0 conversations and 0 messages added, 1 there already"]);
  w.write([...lines, post("town", "bob", "Two", 1), post("town", "bob", "Two", 1)]);
  expect((await w.bring()).lines.at(-1)).toBe("0 conversations and 1 messages added, 1 there already");
  expect((await messagesIn(w.db, "The town")).map(({ content, seq }) => [seq, content])).toEqual([
    [1, null],
    [2, "Two"],
  ] as never);
  expect(await rowsOf(w.db, sql`select user_id, read_seq from participants`)).toEqual([
    { user_id: w.id("ann"), read_seq: 2 },
  ]);
});

test("says what was not carried over, and which lines it could not read", async () => {
  await using w = await world("ann", "bob");
  w.write([
    version,
    channel("town"),
    channel("old", { deleted_at: at(0) }),
    channel("void"),
    user("ann", ["town", "old"]),
    user("mallory", ["town", "void"]),
    { type: "emoji", emoji: { name: "parrot" } },
    "{",
    "[]",
    { type: "post", post: { team: "acme", channel: "town", user: "ann", message: 7, create_at: at(0) } },
    { type: "version", version: 2 },
    post("old", "ann", "Archived", 0),
    post("void", "mallory", "To nobody", 0),
    post("town", "mallory", "By nobody", 0, { replies: [said("ann", "To nobody's", 1)] }),
    post("town", "ann", "", 2, { attachments: [{ path: "a.png" }] }),
    post("town", "ann", "joined", 3, { type: "system_join_channel" }),
    post("town", "ann", "With a file\u0007", 4, {
      attachments: [{ path: "a.png" }, { path: "b.png" }],
      reactions: [{ user: "mallory", emoji_name: "heart", create_at: at(4) }],
    }),
    post("town", "ann", "é".repeat(16_001), 5),
    direct(["ann"], "ann", "To myself", 6),
  ]);
  const { code, lines } = await w.bring();
  expect(code).toBe(1);
  expect(lines).toEqual([
    "line 8: It is not JSON.",
    "line 9: It is not a JSON object.",
    "line 10: post.message is not as the format says.",
    "line 11: Stoa reads version 1 of the format.",
    "unknown users: mallory",
    `not carried over: ${[
      "1 lines of type emoji",
      "1 posts of unknown users",
      "1 posts without text",
      "1 system posts",
      "2 attachments",
      "1 reactions of unknown users",
      "1 ends of posts that are longer than 16,000 characters",
      "1 archived channels",
      "3 posts of such channels",
      "1 channels without known members",
      "1 direct channels with oneself, or with unknown users",
    ].join(", ")}`,
    "1 conversations and 3 messages added, 0 there already",
  ]);
  const [answer, file, long] = await messagesIn(w.db, "The town");
  expect([answer?.content, file?.content, [...(long?.content ?? "")].length]).toEqual([
    "To nobody's",
    "With a file",
    16_000,
  ]);
});

test("a dry run says the same and writes nothing", async () => {
  await using w = await world("ann");
  w.write([channel("town"), user("ann", ["town"]), post("town", "ann", "One", 0), post("town", "eve", "Two", 0)]);
  const { code, lines } = await w.bring("--dry-run");
  expect([code, lines]).toEqual([
    0,
    [
      "unknown users: eve",
      "not carried over: 1 posts of unknown users",
      "1 conversations and 1 messages added, 0 there already (a dry run: nothing was written)",
    ],
  ]);
  expect(await rowsOf(w.db, sql`select 1 from conversations`)).toEqual([]);
});

test("takes one file that exists, a source, and a database that is there", async () => {
  await using w = await world();
  const said: string[] = [];
  const call = (args: string[], env: Record<string, string> = w.env) =>
    run(args, env, (line) => said.push(line.split("\n")[0] ?? ""));
  expect(await call(["--help"])).toBe(0);
  for (const [args, fault] of [
    [["import"], "Name one file"],
    [["import", w.file], "Name the other system with --source"],
    [["export", w.file, "--source", "x"], "There is no command export."],
    [["import", w.file, "--no"], "Unknown option '--no'"],
  ] as const) {
    expect(await call([...args])).toBe(1);
    expect(said.at(-1)).toStartWith(fault);
  }
  expect(await call(["import", w.file, "--source", "x"])).toBe(1);
  expect(said.at(-1)).toBe("There is no such file.");
  w.write([]);
  expect(await call(["import", w.file, "--source", "x"], { DATA_DIR: join(w.env.DATA_DIR, "none") })).toBe(1);
  expect(said.at(-1)).toContain("There is no database of messaging here");
});

test("a time before 1970 or after the year 9999 is no time: the line is not read", async () => {
  await using w = await world("ann");
  const on = (create_at: number, more: object = {}) => ({
    type: "post",
    post: { team: "acme", channel: "town", user: "ann", message: "x", create_at, ...more },
  });
  w.write([
    version,
    team,
    channel("town"),
    user("ann", ["town"]),
    on(-1),
    on(253_402_300_800_000),
    on(at(0), { edit_at: 253_402_300_800_000 }),
    on(253_402_300_799_999),
  ]);
  const { code, lines } = await w.bring();
  expect([code, lines.filter((line) => line.startsWith("line "))]).toEqual([
    1,
    [
      "line 5: post.create_at is not as the format says.",
      "line 6: post.create_at is not as the format says.",
      "line 7: post.edit_at is not as the format says.",
    ],
  ]);
});
