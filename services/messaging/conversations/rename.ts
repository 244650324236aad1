import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { readAsOwner, selectAsOwner } from "./as-owner.ts";
import { ownedBy, requireGroupOwner } from "./group-owner.ts";
import { conversationIn } from "./read.ts";
import type { Conversation } from "./schema.ts";
import { touched } from "./touched.ts";

/** How often a change is decided anew because someone else changed the conversation in between. */
const TRIES = 5;

/**
 * Gives a group another title; null takes it away.
 *
 * @param decide sees the present conversation and says the title it shall have; may refuse (`If-Match`, read-only fields)
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`
 */
export async function renameConversation(
  { db, now }: UseCaseDeps,
  actor: Actor,
  id: string,
  decide: (present: Conversation) => string | null | undefined,
): Promise<Conversation> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const present = await readAsOwner(db, actor, id);
    requireGroupOwner(actor, present);
    const title = decide(present);
    if (title === undefined || title === present.title) return present;
    const time = now().toISOString();
    const updated = append(
      actor.cause,
      { type: "conversation.updated", aggregate_id: id, time, data: { conversation_id: id, title } },
      sql`exists (select 1 from conversations where id = ${id} and version = ${present.version}) and ${ownedBy(actor, id)}`,
    );
    const effect = touched(id, time, updated.happened, sql`title = ${title}`);
    const { applied, rows } = await commit(db, updated, [effect], selectAsOwner(actor, id));
    if (applied) return conversationIn(rows);
  }
  throw new StoaError("unavailable", { headers: { "retry-after": "1" } });
}
