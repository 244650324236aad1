import type { Actor } from "@stoa/auth";
import { insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { aboutMessage } from "../messages/about.ts";
import { readMessage } from "../messages/read.ts";
import { selectMessage, shapeMessage } from "../messages/row.ts";
import type { Message } from "../messages/schema.ts";
import { notDeleted } from "../messages/whole.ts";
import { requireEmoji } from "./emoji.ts";
import { reactions } from "./table.ts";

/** How many different emoji a message may have. */
const DISTINCT = 50;

/**
 * Reacts to a message with an emoji, or takes the reaction back. One that is as wanted stays as it is. It does not change
 * the version of the message.
 *
 * @param wanted whether the user's reaction is to be there
 * @throws StoaError `validation_failed` for what is no emoji, `not_found`, `forbidden`, `message_deleted`,
 *   `too_many_reactions`
 */
export async function react(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  text: string,
  wanted: boolean,
): Promise<Message> {
  const emoji = requireEmoji(text);
  return retrying(db, `message ${id}`, async () => {
    const present = await readMessage(db, actor, id);
    if (present.reactions.some((one) => one.emoji === emoji && one.me) === wanted) return present;
    const { user_id } = actor;
    const about = aboutMessage(present, now().toISOString());
    const rows = await command(
      db,
      actor.cause,
      { ...about, type: wanted ? "reaction.added" : "reaction.removed", data: { ...about.data, emoji, user_id } },
      [
        ...access(actor, "participate", present.conversation_id),
        ...(wanted
          ? [notDeleted(id), roomFor(id, emoji), added(id, emoji, user_id, about.time)]
          : [removed(id, emoji, user_id)]),
      ],
      selectMessage(user_id, id),
    );
    return rows?.[0] && shapeMessage(rows[0]);
  });
}

/** The part of a command that a message has the emoji already, or may have another. */
function roomFor(message_id: string, emoji: string): Part {
  return {
    guard: sql`exists (select 1 from reactions where message_id = ${message_id} and emoji = ${emoji})
      or (select count(distinct emoji) from reactions where message_id = ${message_id}) < ${DISTINCT}`,
    why: () => new StoaError("too_many_reactions"),
  };
}

function added(message_id: string, emoji: string, user_id: string, created_at: string): Part {
  return {
    guard: sql`not exists (select 1 from reactions
      where message_id = ${message_id} and emoji = ${emoji} and user_id = ${user_id})`,
    effects: (happened) => [insertRow(reactions, { message_id, emoji, user_id, created_at }, happened)],
  };
}

function removed(message_id: string, emoji: string, user_id: string): Part {
  const own = sql`message_id = ${message_id} and emoji = ${emoji} and user_id = ${user_id}`;
  return {
    guard: sql`exists (select 1 from reactions where ${own})`,
    effects: (happened) => [sql`delete from reactions where ${own} and ${happened}`],
  };
}
