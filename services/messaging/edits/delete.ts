import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { aboutMessage } from "../messages/about.ts";
import { selectMessage } from "../messages/row.ts";
import { messages } from "../messages/table.ts";
import { saidBy, withdraw } from "../notifications/withdraw.ts";
import { readDeletable } from "../reports/reported.ts";
import { emptyMessages } from "./empty.ts";

/**
 * Deletes a message: it keeps its place, and nothing of what it said is kept anywhere but in an open report of it. One that
 * was deleted stays so.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`
 */
export async function deleteMessage({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(db, `message ${id}`, async () => {
    const { message: present, rights } = await readDeletable(db, actor, id);
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
      [...rights, sameVersion(match, messages, present), deleted],
      selectMessage(actor.user_id, id),
    );
  });
}
