import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { aboutMessage } from "../messages/about.ts";
import { readMessage } from "../messages/read.ts";
import { selectMessage, shapeMessage } from "../messages/row.ts";
import type { Message } from "../messages/schema.ts";
import { messages } from "../messages/table.ts";
import { updateMessages } from "../messages/update.ts";
import { notDeleted } from "../messages/whole.ts";

/**
 * Pins a message, or takes its pin off. One that is as wanted stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `message_deleted`, `version_conflict`
 */
export function pinMessage(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  pinned: boolean,
  match?: IfMatch,
): Promise<Message> {
  return retrying(db, `message ${id}`, async () => {
    const present = await readMessage(db, actor, id);
    requireMatch(match, present);
    if ((present.pinned_at !== null) === pinned) return present;
    const time = now().toISOString();
    const otherwise = pinned ? sql`pinned_at is null` : sql`pinned_at is not null`;
    const pin: Part = {
      guard: sql`exists (select 1 from messages where id = ${id} and ${otherwise})`,
      effects: (happened) => [updateMessages(sql`id = ${id}`, time, { pinned_at: pinned ? time : null }, happened)],
    };
    const rows = await command(
      db,
      actor.cause,
      { type: pinned ? "message.pinned" : "message.unpinned", ...aboutMessage(present, time) },
      [
        ...access(actor, "participate", present.conversation_id),
        sameVersion(match, messages, present),
        // One that was deleted has no pin.
        ...(pinned ? [notDeleted(id)] : []),
        pin,
      ],
      selectMessage(actor.user_id, id),
    );
    return rows?.[0] && shapeMessage(rows[0]);
  });
}
