import type { Actor } from "@stoa/auth";
import { all, type Sql, sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { newsOfMessage } from "../notifications/news-of-message.ts";
import { notify } from "../notifications/notify.ts";
import { withdraw } from "../notifications/withdraw.ts";
import { type Addressed, findAddressed } from "./find.ts";
import { keepForOtherReasons } from "./other-reasons.ts";

/** In more people than this `@all` is for owners only. */
const EVERYBODY = 100;

/** A message whose mentions are to be written. */
export interface Mentioning {
  readonly message_id: string;
  readonly conversation_id: string;
  readonly content: string;
  /** The text that an edit replaces; null for a message that is sent. */
  readonly before: string | null;
  /** Now: RFC 3339, UTC, milliseconds. */
  readonly time: string;
}

/**
 * The parts of a command that writes a message: those whom its text addresses, and who take part, are mentioned and
 * notified. After an edit whoever is mentioned no more loses the count and the notification, unless there is another reason
 * for it; whoever was mentioned before is not notified again. They come after the part that writes the message, and before `announce`.
 */
export function mentionParts(
  actor: Pick<Actor, "cause" | "user_id">,
  { content, before, ...message }: Mentioning,
): Part[] {
  const addressed = findAddressed(content);
  const earlier = findAddressed(before ?? "");
  if (!addresses(addressed) && !addresses(earlier)) return [];
  const { message_id, conversation_id, time } = message;
  const meant = whomIsMeant(actor.user_id, conversation_id, addressed);
  const known = sql`select user_id from message_mentions where message_id = ${message_id}`;
  const { cause } = actor;
  const lost = sql`object_id = ${message_id} and kind = 'mentioned' and user_id not in (${meant})`;
  return [
    {
      effects: (happened, event_id) => [
        notify(
          {
            ...newsOfMessage("mentioned", { cause, event_id, time, message_id, conversation_id }),
            to: sql`select user_id from (${meant}) where user_id not in (${known})`,
          },
          happened,
        ),
        ...(before === null
          ? []
          : [
              sql`delete from message_mentions where message_id = ${message_id} and user_id not in (${meant}) and ${happened}`,
              ...keepForOtherReasons({ cause, message_id, time }, lost, happened),
              ...withdraw(cause, time, lost, happened),
            ]),
        sql`insert into message_mentions (message_id, user_id, conversation_id, seq)
          select ${message_id}, w.user_id, ${conversation_id}, (select seq from messages where id = ${message_id})
          from (${meant}) w where w.user_id not in (${known}) and ${happened}`,
      ],
    },
  ];
}

function addresses({ all, names }: Addressed): boolean {
  return all || names.length > 0;
}

/** A SELECT of the participants whom a text means. Users who send may mention themselves, but are none of `@all`. */
function whomIsMeant(sender_id: string, conversation_id: string, { all: everybody, names }: Addressed): Sql {
  const present = sql`p.conversation_id = ${conversation_id} and p.left_at is null`;
  // Of the names that one @ may mean, the longest that somebody has: `max` says which row the other column is from.
  const named = sql`select f.user_id from (
    select p.user_id, max(length(d.username)) from json_each(${JSON.stringify(names)}) a, json_each(a.value) n
    join directory d on d.username = n.value join participants p on p.user_id = d.user_id
    where ${present} group by a.key) f`;
  if (!everybody) return named;
  return sql`${named} union select p.user_id from participants p
    where ${all([present, sql`p.user_id <> ${sender_id}`, mayAddressAll(sender_id, conversation_id)])}`;
}

/** The condition that `@all` is heard: never between two people, in large groups and projects from their owners. */
function mayAddressAll(sender_id: string, conversation_id: string): Sql {
  return sql`exists (select 1 from conversations c where c.id = ${conversation_id} and c.type <> 'direct' and (
    (select count(*) from participants s where s.conversation_id = c.id) <= ${EVERYBODY}
    or exists (select 1 from participants o where o.conversation_id = c.id and o.user_id = ${sender_id} and o.role = 'owner')
    or exists (select 1 from memberships o where o.project_id = c.project_id and o.user_id = ${sender_id} and o.role = 'owner')))`;
}
