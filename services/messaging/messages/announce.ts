import { derivedId, type Sql, sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { append } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import { addMessage, nextSeq } from "./add.ts";
import { nextMessageVersion, updateMessages } from "./update.ts";

/** For so long a system message is changed rather than followed by another of the same subject; milliseconds. */
const SHORT_MS = 10 * 60_000;

/** What a system message says. */
interface Announcement {
  readonly conversation_id: string;
  /** What it is about, such as a task. */
  readonly subject: string;
  readonly content: string;
}

/**
 * Says in a conversation what happened. What happens to one thing again and again is one message, which always says the
 * latest: it is changed while nothing was said after it, and for ten minutes in any case. Otherwise another is sent.
 */
export function announce(event: Envelope, announcement: Announcement): Sql[] {
  const { conversation_id, subject, content } = announcement;
  const id = derivedId(event.id, "message");
  const sent = append(
    causeOf(event),
    {
      event_id: derivedId(event.id, "message.sent"),
      type: "message.sent",
      aggregate_id: conversation_id,
      entity_id: id,
      time: event.time,
      data: { conversation_id, message_id: id, seq: nextSeq(conversation_id), kind: "system", sender_id: null },
    },
    sql`exists (select 1 from conversations where id = ${conversation_id})
      and ${lastOf(announcement, event.time)} is null`,
  );
  const { time } = event;
  return [
    ...announceAnew(event, announcement),
    sent.statement,
    ...addMessage({ id, conversation_id, type: "system", content, subject, time }, sent.happened),
  ];
}

/** Says what happened by the last message of the same subject, if that one may still be changed; otherwise nothing. */
export function announceAnew(event: Envelope, announcement: Announcement): Sql[] {
  const { conversation_id, content } = announcement;
  const { time } = event;
  const last = lastOf(announcement, time);
  const changed = append(
    causeOf(event),
    {
      event_id: derivedId(event.id, "message.edited"),
      type: "message.edited",
      aggregate_id: conversation_id,
      entity_id: last,
      time,
      data: {
        conversation_id,
        message_id: last,
        seq: sql`(select seq from messages where id = ${last})`,
        version: nextMessageVersion(last),
      },
    },
    sql`exists (select 1 from messages where id = ${last} and content is not ${content})`,
  );
  return [changed.statement, updateMessages(sql`id = ${last}`, time, { content }, changed.happened)];
}

/** The id of the last message of a subject, if it may still be changed; otherwise null. */
function lastOf({ conversation_id, subject }: Announcement, time: string): Sql {
  const since = new Date(Date.parse(time) - SHORT_MS).toISOString();
  return sql`(select last.id from (select id, seq, updated_at from messages
      where conversation_id = ${conversation_id} and subject = ${subject} and deleted_at is null
      order by seq desc limit 1) last
    where last.updated_at > ${since} or last.seq = (select last_seq from conversations where id = ${conversation_id}))`;
}
