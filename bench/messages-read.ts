import { Database } from "bun:sqlite";
import { newId } from "@stoa/db";
import { alternate, rateOf } from "./alternate.ts";
import { loadOn } from "./cpu.ts";
import { load } from "./load.ts";
import { atLeast, type Measurement, scaled, within } from "./measurement.ts";
import { changeDatabase, startWorld } from "./stoa.ts";

const time = "2026-11-20T09:00:00.000Z";

/** Pages of a very long conversation. */
export const messagesRead: Measurement = {
  name: "messages-read",
  about: "GET of 50 messages of a conversation with 1,000,000, and around one of them, beside one with 1,000",
  async run(settings) {
    await using world = await startWorld();
    const { ada, stoa, headers, server } = world;
    const open = async (title: string) =>
      (await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", { type: "group", title })).id;
    const [small, large] = [await open("Small"), await open("Large")];
    const [few, many] = [scaled(settings, 1_000, 60), scaled(settings, 1_000_000, 600)];
    await changeDatabase(world, "messaging", (file) => {
      using db = new Database(file);
      addMessages(db, small, few);
      addMessages(db, large, many);
    });
    const results = [];
    for (const [what, query] of [
      ["the latest 50", () => ""],
      ["50 around one", (count: number) => `&around_seq=${Math.round(count / 2)}`],
    ] as const) {
      const reads = (id: string, count: number) => (seconds: number) => {
        const url = `${stoa.gatewayUrl}/api/v1/conversations/${id}/messages?limit=50${query(count)}`;
        return loadOn(server, { url, headers, connections: 4, status: 200, seconds });
      };
      const { ratio, ours, theirs, cpu } = await alternate(settings, reads(large, many), reads(small, few));
      const numbers = { per_second: ours, few_per_second: theirs, cpu_ms: cpu.ours, few_cpu_ms: cpu.theirs };
      results.push(atLeast(0.8, `GET of ${what} of ${many} messages beside ${few}`, ratio, numbers));
    }
    return results;
  },
};

/** What a user of very many conversations has not read. */
export const unread: Measurement = {
  name: "unread",
  about: "GET of what a user has not read in 1,000 conversations, with 100 messages each",
  async run(settings) {
    await using world = await startWorld();
    const { ada, stoa, headers } = world;
    const conversations = scaled(settings, 1_000, 20);
    await changeDatabase(world, "messaging", (file) => addConversations(file, ada.id, conversations));
    const { total } = await ada.must<{ total: number }>(200, "GET", "/api/v1/messages/unread");
    if (total !== conversations * 99) throw new Error(`${total} messages are unread.`);
    const rounds = [];
    for (let round = 0; round < Math.min(3, settings.rounds); round++) {
      const url = `${stoa.gatewayUrl}/api/v1/messages/unread`;
      const measured = await load({ url, headers, connections: 1, status: 200, seconds: settings.seconds });
      rateOf(measured);
      rounds.push(measured);
    }
    // The round that other work on the machine has disturbed least.
    const { p50, p99 } = rounds.reduce((one, other) => (other.p99 < one.p99 ? other : one));
    const numbers = { conversations, p50_ms: p50, p99_ms: p99 };
    return [within("GET of what is unread in 1,000 conversations", numbers, "p99_ms", "<=", 20)];
  },
};

/** Fills a conversation with messages of someone; every hundredth was deleted, every tenth is an answer. */
function addMessages(db: Database, conversation_id: string, count: number): void {
  const prefix = crypto.randomUUID().slice(0, 24);
  db.query(`insert into messages (id, conversation_id, seq, type, sender_id, content, parent_id, created_at, updated_at,
      deleted_at)
    with recursive n (n) as (select 1 union all select n + 1 from n where n < ?1)
    select ?2 || printf('%012x', n), ?3, n, 'user', ?4,
      iif(n % 100 = 0, null, 'Message number ' || n || ' of the weir'),
      iif(n % 10 = 0, ?2 || printf('%012x', n - (n - 1) % 100), null), ?5, ?5, iif(n % 100 = 0, ?5, null) from n`).run(
    count,
    prefix,
    conversation_id,
    newId(),
    time,
  );
  db.query("update conversations set last_seq = ? where id = ?").run(count, conversation_id);
}

/** Conversations of someone in which 100 messages were sent by another. */
function addConversations(file: string, user_id: string, count: number): void {
  using db = new Database(file);
  const add = db.query(
    "insert into conversations (id, type, title, created_at, updated_at) values (?1, 'group', 'Talk', ?2, ?2)",
  );
  const join = db.query(
    "insert into participants (conversation_id, user_id, role, joined_at) values (?, ?, 'member', ?)",
  );
  db.transaction(() => {
    for (let n = 0; n < count; n++) {
      const id = newId();
      add.run(id, time);
      join.run(id, user_id, time);
      addMessages(db, id, 100);
    }
  })();
}
