import type { Actor } from "@stoa/auth";
import { among, type Database, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { requireAccess, selectAccess } from "../access.ts";
import { type AssistantRow, a, assistantColumns, selectAssistant } from "./row.ts";
import type { Assistant } from "./schema.ts";

/** An assistant of a conversation that the user takes part in. @throws StoaError `not_found`, `forbidden` */
export async function readAssistant(
  db: Database,
  actor: Actor,
  conversation_id: string,
  id: string,
): Promise<Assistant> {
  const [[access], [found]] = await db.queryAll([
    selectAccess(actor, conversation_id),
    selectAssistant(conversation_id, id),
  ]);
  requireAccess(actor, access, "participate");
  if (!found || found.removed_at !== null) throw noSuchAssistant();
  return found;
}

/** Assistants by their ids, removed ones too. It does not check who may see them. */
export function readAssistants(db: Database, ids: readonly string[]): Promise<AssistantRow[]> {
  return db.query(select(assistantColumns, sql`from ${a} where ${a.id} in ${among(ids)}`));
}

/** The error for an assistant that is not there. */
export function noSuchAssistant(): StoaError {
  return new StoaError("not_found", { detail: "There is no such assistant." });
}
