import { newId } from "@stoa/db";
import { alternate } from "./alternate.ts";
import type { Bare } from "./bare.ts";
import { loadOn } from "./cpu.ts";
import { atLeast, type Measurement, withoutBound } from "./measurement.ts";
import { type BareServer, copyDatabase, startBare, startWorld } from "./stoa.ts";
import { numbersOf } from "./tasks-read.ts";

const time = "2026-11-20T09:00:00.000Z";

/** A durable message with its journal row, compared with the raw write of the same rows. */
export const messagesSend: Measurement = {
  name: "messages-send",
  about: "POST of a message, compared with a bare server that writes its rows and groups its commits",
  async run(settings) {
    await using world = await startWorld();
    const { ada, headers, stoa, server } = world;
    const { id } = await ada.must<{ id: string }>(201, "POST", "/api/v1/conversations", {
      type: "group",
      title: "The weir",
    });
    const write = rowsOfMessage(id, ada.id);
    const copied = (name: string) => copyDatabase(world, "messaging", name);
    await using bare = await startBare({ driver: "bun", file: await copied("bare"), write, afterwards: intoIndex });
    await using unindexed = await startBare({ driver: "bun", file: await copied("unindexed"), write });
    const json = { ...headers, "content-type": "application/json" };
    const url = `${stoa.gatewayUrl}/api/v1/conversations/${id}/messages`;
    const body = JSON.stringify({ content: "Count the herons, day {n}" });
    const raw = JSON.stringify({ title: "Count the herons, day {n}" });
    const compare = (other: BareServer, connections: number) => {
      const shared = { method: "POST", headers: json, status: 201, connections };
      return alternate(
        settings,
        (seconds) => loadOn(server, { ...shared, url, body, seconds }),
        (seconds) => loadOn(other, { ...shared, url: other.url, body: raw, seconds }),
      );
    };
    const [sixteen, one] = [await compare(bare, 16), await compare(bare, 1)];
    const found = await compare(unindexed, 16);
    return [
      atLeast(0.6, "POST of a message, one at a time", one.ratio, numbersOf(one)),
      atLeast(0.6, "POST of a message", sixteen.ratio, numbersOf(sixteen)),
      withoutBound("POST of a message, compared with rows that no search finds", numbersOf(found), found.ratio),
    ];
  },
};

/** Puts new messages into the search index, as the service does after they were answered. */
const intoIndex: NonNullable<Bare["afterwards"]> = {
  sql: "update messages indexed by messages_unindexed set folded = '' where folded is null",
  args: [],
};

/** The rows that the service writes for a message, into the same tables with all indexes and triggers. */
function rowsOfMessage(conversation_id: string, user_id: string): NonNullable<Bare["write"]> {
  const data = JSON.stringify({ conversation_id, message_id: newId(), seq: 1, kind: "user", sender_id: user_id });
  const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
  return [
    {
      sql: `insert into journal (event_id, type, aggregate_id, entity_id, actor_id, session_id, request_id, traceparent,
        ip_address, device_info, time, data) values (?, 'message.sent', ?, ?, ?, ?, ?, ?, '127.0.0.1', 'bench', ?, ?)`,
      args: ["$event", conversation_id, "$id", user_id, newId(), newId(), trace, time, data],
    },
    {
      sql: "update conversations set last_seq = ?, updated_at = ? where id = ?",
      args: ["$n", time, conversation_id],
    },
    {
      sql: `insert into messages (id, conversation_id, seq, row, type, sender_id, content, created_at, updated_at)
        values (?, ?, ?, ?, 'user', ?, ?, ?, ?)`,
      args: ["$id", conversation_id, "$n", "$n", user_id, "$title", time, time],
    },
    {
      sql: "update participants set read_seq = ? where conversation_id = ? and user_id = ?",
      args: ["$n", conversation_id, user_id],
    },
  ];
}
