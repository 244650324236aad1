import type { Actor } from "@stoa/auth";
import { insertRow, newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { joined } from "./joined.ts";
import { conversationIn, selectConversation } from "./read.ts";
import type { Conversation } from "./schema.ts";
import { conversations } from "./table.ts";

/** What a group is made of. */
export interface NewGroup {
  readonly title: string | null;
  /** Users that exist; the one who asks is in it anyway. */
  readonly user_ids: readonly string[];
}

/** Makes a group; who asks owns it. */
export async function createGroup(
  { db, now }: UseCaseDeps,
  actor: Actor,
  { title, user_ids }: NewGroup,
  claim: Claim | null,
): Promise<Conversation> {
  const id = newId();
  const time = now().toISOString();
  const others = user_ids.filter((user_id) => user_id !== actor.user_id);
  const created = append(
    actor.cause,
    {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: "group", project_id: null, participant_ids: [actor.user_id, ...others] },
    },
    claim?.guard,
  );
  const { happened } = created;
  const { applied, rows } = await commit(
    db,
    created,
    [
      insertRow(conversations, { id, type: "group", title, created_at: time, updated_at: time }, happened),
      joined(id, actor.user_id, "owner", time, happened),
      ...others.map((user_id) => joined(id, user_id, "member", time, happened)),
      ...(claim ? [claim.record(id, happened)] : []),
    ],
    selectConversation(actor.user_id, id),
  );
  if (!applied) throw new StoaError("idempotency_key_reused");
  return conversationIn(rows);
}
