import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, newId, openDatabase, sql } from "@stoa/db";
import { rowsOf, temporaryDirectory } from "@stoa/testing";
import { run as runDb } from "../../db/main.ts";
import { run } from "../main.ts";

/** A data folder with messaging's database, which knows these users, and a file to import. */
export async function world(...usernames: string[]) {
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
/** A minute of the file, in milliseconds since 1970. */
export const at = (minute: number) => START + minute * 60_000;
/** The same as Stoa writes it. */
export const time = (minute: number) => new Date(at(minute)).toISOString();

/** The first line of a file. */
export const version = { type: "version", version: 1 };
/** The team of the channels. */
export const team = { type: "team", team: { name: "acme", display_name: "Acme", type: "O" } };
/** A channel of it. */
export const channel = (name: string, more: object = {}) => ({
  type: "channel",
  channel: { team: "acme", name, display_name: `The ${name}`, type: "O", header: "", ...more },
});
/** Somebody in channels of it. */
export const user = (username: string, channels: readonly string[], admin = false) => ({
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
/** What is said in a post or a reply. */
export const said = (user: string, message: string, minute: number, more: object = {}) => ({
  user,
  message,
  create_at: at(minute),
  ...more,
});
/** A post in a channel. */
export const post = (channel: string, ...of: Parameters<typeof said>) => ({
  type: "post",
  post: { team: "acme", channel, ...said(...of) },
});
/** A post between people. */
export const direct = (channel_members: readonly string[], ...of: Parameters<typeof said>) => ({
  type: "direct_post",
  direct_post: { channel_members, ...said(...of) },
});

interface Row {
  readonly seq: number;
  readonly content: string;
  readonly sender_id: string;
  readonly created_at: string;
}

/** The messages of a conversation, by its title. */
export const messagesIn = (db: Database, title: string | null) =>
  rowsOf<Row>(
    db,
    sql`select m.seq, m.content, m.sender_id, m.created_at from messages m
      join conversations c on c.id = m.conversation_id where c.title is ${title} order by m.seq`,
  );

/** All that an import makes. */
export const everything = async (db: Database) => ({
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
