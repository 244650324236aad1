import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { noSuchAssistant, readAssistant } from "./read.ts";

/**
 * Removes an assistant: what it is writing is cancelled, what it has written stays.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function removeAssistant(
  { db, now }: StoreDeps,
  actor: Actor,
  conversation_id: string,
  id: string,
): Promise<void> {
  await retrying(db, `assistant ${id}`, async () => {
    await readAssistant(db, actor, conversation_id, id);
    const time = now().toISOString();
    const removed: Part = {
      guard: sql`exists (select 1 from assistants where id = ${id} and removed_at is null)`,
      why: noSuchAssistant,
      effects: (happened) => [
        sql`update assistants set removed_at = ${time} where id = ${id} and ${happened}`,
        sql`update answers set cancelled_at = ${time}
          where assistant_id = ${id} and ended_at is null and cancelled_at is null and ${happened}`,
      ],
    };
    return command(
      db,
      actor.cause,
      {
        type: "assistant.removed",
        aggregate_id: conversation_id,
        entity_id: id,
        time,
        data: { conversation_id, assistant_id: id },
      },
      [...access(actor, "participate", conversation_id), removed],
    );
  });
}
