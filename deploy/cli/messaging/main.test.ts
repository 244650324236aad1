import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, newId, openDatabase, sql } from "@stoa/db";
import { spellings } from "@stoa/mail/test/spellings";
import { eventually, rowsOf, temporaryDirectory } from "@stoa/testing";
import { run as runDb } from "../db/main.ts";
import { importFile } from "./import.ts";
import { run } from "./main.ts";

/** A data folder with messaging's database, which knows these users, and a file to import. */
async function world(...usernames: string[]) {
  const folder = await temporaryDirectory("messaging-import");
  const env = { DATA_DIR: folder.path };
  expect(await runDb(["migrate", "-s", "messaging"], env, () => undefined)).toBe(0);
  const db = await openDatabase(`file:${folder.path}/messaging.db`);
  const ids = new Map(usernames.map((name) => [name, newId()]));
  await db.write([...ids].map(([name, id]) => sql`insert into directory (user_id, username) values (${id}, ${name})`));
  const file = join(folder.path, "export.jsonl");
  return {
    db,
    env,
    file,
    id: (name: string) => ids.get(name) ?? "",
    write: (lines: readonly (object | string)[]) =>
      writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n")),
    async bring(...more: string[]) {
      const lines: string[] = [];
      const code = await run(["import", file, "--source", "mattermost", ...more], env, (line) => lines.push(line));
      return { code, lines };
    },
    async [Symbol.asyncDispose]() {
      db.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const START = Date.parse("2024-03-01T09:00:00.000Z");
const at = (minute: number) => START + minute * 60_000;
const time = (minute: number) => new Date(at(minute)).toISOString();

const version = { type: "version", version: 1 };
const team = { type: "team", team: { name: "acme", display_name: "Acme", type: "O" } };
const channel = (name: string, more: object = {}) => ({
  type: "channel",
  channel: { team: "acme", name, display_name: `The ${name}`, type: "O", header: "", ...more },
});
const user = (username: string, channels: readonly string[], admin = false) => ({
  type: "user",
  user: {
    username,
    email: `${username}@example.com`,
    teams: [
      {
        name: "acme",
        roles: "team_user",
        channels: channels.map((name) => ({ name, roles: admin ? "channel_user channel_admin" : "channel_user" })),
      },
    ],
  },
});
const said = (user: string, message: string, minute: number, more: object = {}) => ({
  user,
  message,
  create_at: at(minute),
  ...more,
});
const post = (channel: string, ...of: Parameters<typeof said>) => ({
  type: "post",
  post: { team: "acme", channel, ...said(...of) },
});
const direct = (channel_members: readonly string[], ...of: Parameters<typeof said>) => ({
  type: "direct_post",
  direct_post: { channel_members, ...said(...of) },
});

interface Row {
  readonly seq: number;
  readonly content: string;
  readonly sender_id: string;
  readonly created_at: string;
}

const messagesIn = (db: Database, title: string | null) =>
  rowsOf<Row>(
    db,
    sql`select m.seq, m.content, m.sender_id, m.created_at from messages m
      join conversations c on c.id = m.conversation_id where c.title is ${title} order by m.seq`,
  );

const everything = async (db: Database) => ({
  conversations: await rowsOf(
    db,
    sql`select id, type, title, last_seq, created_at, updated_at from conversations order by id`,
  ),
  messages: await rowsOf(
    db,
    sql`select id, conversation_id, seq, row, content, folded, parent_id from messages order by id`,
  ),
  reactions: await rowsOf(db, sql`select message_id, emoji from reactions order by message_id, emoji`),
  participants: await rowsOf(db, sql`select conversation_id, role, read_seq from participants order by 1, 2`),
});

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

/** Posts of a long file in an order that is not that of their times, with answers and reactions. */
const many = (count: number) => [
  channel("town"),
  user("ann", ["town"]),
  user("bob", ["town"]),
  ...Array.from({ length: count }, (_, n) =>
    post("town", n % 2 ? "ann" : "bob", `Post ${n}`, (n * 7) % count, {
      reactions: [{ user: "ann", emoji_name: "tada", create_at: at(n) }],
      replies: [said("bob", `Answer to ${n}`, count + n)],
    }),
  ),
];

test("an import that is cut off anywhere and run again is as one that was not", async () => {
  await using whole = await world("ann", "bob");
  await using cut = await world("ann", "bob");
  const lines = many(450);
  whole.write(lines);
  cut.write(lines);
  await whole.bring();
  for (let writes = 1; writes <= 4; writes++) {
    let left = writes;
    const progress = () => ({
      add: () => undefined,
      watch: (chunks: AsyncIterable<Uint8Array>) => chunks,
      tick: (what: () => string) => {
        if (what().endsWith("messages") && left-- === 0) throw new Error("cut off");
      },
      aside: (print: () => void) => print(),
      end: () => undefined,
    });
    const how = { source: "mattermost", dry_run: false, say: () => undefined, progress };
    await importFile(cut.db, cut.file, how).catch((error: Error) => expect(error.message).toBe("cut off"));
  }
  expect((await cut.bring()).code).toBe(0);
  const [one, other] = [await everything(whole.db), await everything(cut.db)];
  expect(other.messages.length).toBe(900);
  expect(other).toEqual(one);
});

test("an import that is killed and started again has everything once", async () => {
  await using w = await world("ann", "bob");
  w.write(many(2_000));
  const count = async () => (await rowsOf(w.db, sql`select 1 from messages`)).length;
  const command = ["bun", join(import.meta.dir, "../main.ts"), "messaging", "import", w.file, "--source", "mattermost"];
  const start = () => Bun.spawn(command, { env: { ...process.env, ...w.env }, stdout: "ignore", stderr: "inherit" });
  for (let round = 0; round < 3; round++) {
    const before = await count();
    const running = start();
    await eventually(async () => running.exitCode !== null || (await count()) > before);
    running.kill("SIGKILL");
    await running.exited;
  }
  expect(await start().exited).toBe(0);
  const seqs = await rowsOf<{ n: number; seqs: number; last: number }>(
    w.db,
    sql`select count(*) as n, count(distinct seq) as seqs, max(seq) as last from messages`,
  );
  expect(seqs).toEqual([{ n: 4_000, seqs: 4_000, last: 4_000 }]);
  expect(await rowsOf(w.db, sql`select count(*) as n from reactions`)).toEqual([{ n: 2_000 }]);
});

test("takes one file that exists, a source, and a database that is there", async () => {
  await using w = await world();
  const said: string[] = [];
  const call = (args: string[], env: Record<string, string> = w.env) =>
    run(args, env, (line) => said.push(line.split("\n")[0] ?? ""));
  expect(await call(["--help"])).toBe(0);
  for (const args of [
    ["import"],
    ["import", w.file],
    ["export", w.file, "--source", "x"],
    ["import", w.file, "--no"],
  ]) {
    expect(await call(args)).toBe(1);
  }
  expect(await call(["import", w.file, "--source", "x"])).toBe(1);
  expect(said.at(-1)).toBe("There is no such file.");
  w.write([]);
  expect(await call(["import", w.file, "--source", "x"], { DATA_DIR: join(w.env.DATA_DIR, "none") })).toBe(1);
  expect(said.at(-1)).toContain("There is no database of messaging here");
});

test("people are found by the address that they have verified, before their username", async () => {
  await using it = await world("ann", "ada", "zoe");
  await it.db.write([
    sql`update directory set email = 'Ann@Example.com' where username = 'ada'`,
    sql`update directory set email = 'gone@example.com', erased_at = '2026-01-01' where username = 'zoe'`,
  ]);
  const said = (name: string, minute: number) => ({
    type: "post",
    post: { team: "acme", channel: "town", user: name, message: name, create_at: at(minute) },
  });
  const [annas, bobs] = [user("ann", ["town"]), user("bob", ["town"])];
  const zoes = { ...user("cid", ["town"]), user: { ...user("cid", ["town"]).user, email: "gone@example.com" } };
  const others = ["ann", "ada", "bob", "cid"].map(said);
  it.write([version, team, channel("town"), annas, user("ada", ["town"]), bobs, zoes, ...others]);
  const { code, lines } = await it.bring();
  // The file's Ada is someone else: the one here has the address of the file's Ann.
  expect([code, lines[0]]).toEqual([0, "unknown users: ada, bob, cid"]);
  expect(await rowsOf(it.db, sql`select sender_id, content from messages`)).toEqual([
    { sender_id: it.id("ada"), content: "ann" },
  ]);
});

test.each(spellings)("an address of the file is a user's in any spelling: %s", async (_, kept, typed) => {
  await using it = await world("ann");
  await it.db.write([sql`update directory set email = ${kept} where username = 'ann'`]);
  const bobs = { ...user("bob", ["town"]), user: { ...user("bob", ["town"]).user, email: typed } };
  it.write([
    version,
    team,
    channel("town"),
    bobs,
    { type: "post", post: { team: "acme", channel: "town", user: "bob", message: "I am Ann here.", create_at: at(1) } },
  ]);
  const { code } = await it.bring();
  expect([code, await rowsOf(it.db, sql`select sender_id from messages`)]).toEqual([0, [{ sender_id: it.id("ann") }]]);
});
