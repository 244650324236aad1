import { among, computed, type Database, select, sql } from "@stoa/db";
import { attendances } from "../attendances.ts";
import type { Delivery, Feed } from "../feed.ts";
import { marksAfter, marksOf, requireLegible, type StreamRow } from "../rows.ts";
import { CATCH_UP_BATCH, READ_BATCH } from "./batches.ts";
import type { Markless } from "./markless.ts";

/** How long the feed rests after it had something: so nobody hears more often how far someone has read. Milliseconds. */
const REST_MS = 1_000;
/** In a conversation of more people nobody else is told how far someone has read. */
const MANY = 100;

/**
 * How far people have read: the read marks of messaging's journal, of which only the last of each reader in a conversation
 * is delivered. It never overtakes the messages that were read.
 *
 * @param markless where the feed of events found none
 */
export function marksFeed(db: Database, markless: Markless): Feed {
  return {
    name: "marks",
    behind: "events",
    restMs: REST_MS,
    async read({ journal, after, upTo = after }, users) {
      if (markless.covers(after, upTo)) return { journal, deliveries: [], end: upTo, more: false };
      const rows = await marksAfter(db, { after, upTo, limit: READ_BATCH });
      const more = rows.length === READ_BATCH;
      const end = more ? (rows.at(-1)?.seq ?? upTo) : upTo;
      return { journal, deliveries: await resolveMarks(db, requireLegible(rows), users), end, more };
    },
    async readFor(user_id, { journal, after, upTo }) {
      const rows = await marksOf(db, user_id, { after, upTo, limit: CATCH_UP_BATCH });
      const more = rows.length === CATCH_UP_BATCH;
      const end = more ? (rows.at(-1)?.seq ?? upTo) : upTo;
      return { journal, deliveries: await resolveMarks(db, requireLegible(rows), new Set([user_id])), end, more };
    },
  };
}

/** The last mark of each reader goes to everyone in the conversation; where many take part, to the reader alone. */
async function resolveMarks(
  db: Database,
  rows: readonly StreamRow[],
  users: ReadonlySet<string>,
): Promise<readonly Delivery[]> {
  const last = new Map(rows.map((row) => [`${row.aggregate_id} ${row.entity_id}`, row]));
  const crowded = await crowdedOf(db, new Set(rows.map(({ aggregate_id }) => aggregate_id)));
  const small = [...new Set(rows.map(({ aggregate_id }) => aggregate_id))].filter((id) => !crowded.has(id));
  const present = await attendances(db, small, users);
  return [...last.values()]
    .toSorted((a, b) => a.seq - b.seq)
    .map(({ seq: place, type, aggregate_id: conversation_id, entity_id: user_id, data }) => {
      const { seq } = JSON.parse(data) as { seq: number };
      const told = JSON.stringify({ conversation_id, user_id, seq, read_seq: seq });
      const others = (present.get(conversation_id) ?? []).flatMap((one) => (one.trashed ? [] : one.user_id));
      const receivers = crowded.has(conversation_id) && user_id !== null && users.has(user_id) ? [user_id] : others;
      return { seq: place, type, to: new Map(receivers.map((receiver) => [receiver, told])) };
    });
}

/** Which of these conversations have more than a hundred participants. */
async function crowdedOf(db: Database, ids: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  if (ids.size === 0) return ids;
  const rows = await db.query(
    select(
      { id: computed<string>(sql`c.id`) },
      sql`from conversations c where c.id in ${among([...ids])} and (select count(*) from
        (select 1 from participants p where p.conversation_id = c.id limit ${MANY + 1})) > ${MANY}`,
    ),
  );
  return new Set(rows.map(({ id }) => id));
}
