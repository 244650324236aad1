import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireSender } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { aboutMessage } from "../messages/about.ts";
import { readMessage } from "../messages/read.ts";
import { selectMessage } from "../messages/row.ts";
import { messages } from "../messages/table.ts";
import { saidBy, withdraw } from "../notifications/withdraw.ts";
import { emptyMessages } from "./empty.ts";

/**
 * Deletes a message: it keeps its place, and nothing of what it said is kept anywhere. One that was deleted stays so.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`
 */
export async function deleteMessage({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(db, `message ${id}`, async () => {
    const present = await readMessage(db, actor, id);
    requireSender(actor, present);
    requireMatch(match, present);
    if (present.deleted_at !== null) return [];
    const time = now().toISOString();
    const deleted: Part = {
      guard: sql`exists (select 1 from messages where id = ${id} and deleted_at is null)`,
      effects: (happened) => [
        ...withdraw(actor.cause, time, saidBy(sql`(${id})`), happened),
        ...emptyMessages(sql`id = ${id}`, time, happened),
      ],
    };
    return command(
      db,
      actor.cause,
      { type: "message.deleted", ...aboutMessage(present, time) },
      [...access(actor, "participate", present.conversation_id), sameVersion(match, messages, present), deleted],
      selectMessage(actor.user_id, id),
    );
  });
}
