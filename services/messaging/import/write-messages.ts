import { among, type Database, select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part, retrying, type StoreDeps } from "@stoa/journal";
import { nextSeq } from "../messages/add.ts";
import { foldedMessage } from "../messages/searched.ts";
import { messages } from "../messages/table.ts";

/** A message to import. */
export interface ImportedMessage {
  readonly id: string;
  readonly sender_id: string;
  readonly content: string;
  /** A message before it, or among those that are written with it. */
  readonly parent_id: string | null;
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly is_pinned: boolean;
  readonly reactions: readonly { readonly user_id: string; readonly emoji: string }[];
}

/** Where imported messages go. */
interface Place {
  readonly conversation_id: string;
  readonly source: string;
}

/**
 * Adds messages of another system to a conversation, at its end and in their order, with the times that they had. Streams
 * are told of all in one event. Nobody is notified, and for whoever had read all they count as read. Those that are there stay as they are, also edited and deleted
 * ones, so that the same may be written again.
 *
 * @returns how many were added
 */
export function writeMessages(
  { db, now }: StoreDeps,
  cause: Cause,
  { conversation_id, source }: Place,
  list: readonly ImportedMessage[],
): Promise<number> {
  return retrying(db, `import ${conversation_id}`, async () => {
    const known = await idsAmong(db, list);
    const fresh = list.filter(({ id }) => !known.has(id));
    const last = fresh.at(-1);
    if (!last) return 0;
    const rows = await command(
      db,
      cause,
      {
        type: "conversation.imported",
        aggregate_id: conversation_id,
        time: now().toISOString(),
        data: {
          conversation_id,
          source,
          messages: fresh.length,
          from_seq: nextSeq(conversation_id),
          to_seq: sql`(select last_seq + ${fresh.length} from conversations where id = ${conversation_id})`,
        },
      },
      [added(conversation_id, fresh)],
      select({ id: messages.id }, sql`from ${messages} where id = ${last.id}`),
    );
    return rows && fresh.length;
  });
}

async function idsAmong(db: Database, list: readonly ImportedMessage[]): Promise<ReadonlySet<string>> {
  const { id } = messages;
  const rows = await db.query(select({ id }, sql`from ${messages} where id in ${among(list.map((one) => one.id))}`));
  return new Set(rows.map((row) => row.id));
}

/** The part of a command that adds messages none of which is there. */
function added(conversation_id: string, fresh: readonly ImportedMessage[]): Part {
  const json = JSON.stringify(fresh.map((one) => ({ ...one, folded: foldedMessage(one.content) })));
  const latest =
    fresh
      .map(({ created_at }) => created_at)
      .toSorted()
      .at(-1) ?? "";
  const conversation = sql`(select last_seq from conversations where id = ${conversation_id})`;
  return {
    guard: sql`exists (select 1 from conversations where id = ${conversation_id} and trashed_at is null)
      and not exists (select 1 from messages where id in ${among(fresh.map(({ id }) => id))})`,
    effects: (happened) => [
      sql`update participants set read_seq = read_seq + ${fresh.length}
        where conversation_id = ${conversation_id} and read_seq = ${conversation} and ${happened}`,
      sql`insert into messages (id, conversation_id, seq, row, type, sender_id, recipient_id, content, folded, parent_id,
          pinned_at, created_at, updated_at, edited_at)
        select j.value ->> 'id', c.id, c.last_seq + j.key + 1, last.row + j.key + 1, 'user', j.value ->> 'sender_id',
          (select p.user_id from participants p
            where c.type = 'direct' and p.conversation_id = c.id and p.user_id <> j.value ->> 'sender_id'),
          j.value ->> 'content', j.value ->> 'folded', j.value ->> 'parent_id',
          iif(j.value ->> 'is_pinned', j.value ->> 'created_at', null), j.value ->> 'created_at',
          coalesce(j.value ->> 'edited_at', j.value ->> 'created_at'), j.value ->> 'edited_at'
        from json_each(${json}) j join conversations c on c.id = ${conversation_id}
          join (select coalesce(max(row), 0) as row from messages) last
        where ${happened} order by j.key`,
      sql`insert into reactions (message_id, emoji, user_id, created_at)
        select j.value ->> 'id', r.value ->> 'emoji', r.value ->> 'user_id', j.value ->> 'created_at'
        from json_each(${json}) j join json_each(j.value -> 'reactions') r where ${happened}
        on conflict do nothing`,
      sql`update conversations set last_seq = last_seq + ${fresh.length}, updated_at = max(updated_at, ${latest})
        where id = ${conversation_id} and ${happened}`,
    ],
  };
}
