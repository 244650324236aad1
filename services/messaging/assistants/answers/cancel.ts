import type { Actor } from "@stoa/auth";
import { pause, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { StoreDeps } from "@stoa/journal";
import { requireAccess, selectAccess } from "../../access.ts";
import { readMessage } from "../../messages/read.ts";
import type { Message } from "../../messages/schema.ts";
import type { AssistantDeps } from "../deps.ts";
import { closeAnswer } from "./finish.ts";
import { answerOf } from "./open.ts";

/** How long the process that writes the answer is waited for; it looks once a second. Milliseconds. */
const PATIENCE_MS = 3_000;
const LOOK_MS = 25;

/**
 * Cancels an answer: what it has said stays. The process that writes it ends it, so that nobody loses what they have
 * seen; when it does not, the answer ends here. One that has ended stays as it is.
 *
 * @throws StoaError `not_found`; `forbidden` for whoever has neither asked nor owns the group; `not_an_answer`
 */
export async function cancelAnswer(
  { db, now }: StoreDeps,
  available: AssistantDeps | undefined,
  actor: Actor,
  message_id: string,
): Promise<Message> {
  const message = await readMessage(db, actor, message_id);
  const answer = await answerOf(db, message_id);
  if (!answer) throw new StoaError("not_an_answer");
  if (answer.asker_id !== actor.user_id) await requireOwner({ db }, actor, message.conversation_id);
  if (answer.ended_at !== null) return message;
  await db.write([
    sql`update answers set cancelled_at = ${now().toISOString()}
      where message_id = ${message_id} and ended_at is null and cancelled_at is null`,
  ]);
  available?.stop(message_id);
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await pause(LOOK_MS)) {
    const present = await readMessage(db, actor, message_id);
    if (present.status !== "streaming") return present;
  }
  const left = await answerOf(db, message_id);
  if (left) await closeAnswer({ db, now }, { ...left, message_id }, "cancelled");
  return readMessage(db, actor, message_id);
}

async function requireOwner({ db }: Pick<StoreDeps, "db">, actor: Actor, conversation_id: string): Promise<void> {
  const [found] = await db.query(selectAccess(actor, conversation_id));
  requireAccess(actor, found, "participate");
  if (found.role === "owner") return;
  throw new StoaError("forbidden", { detail: "Whoever asked, or the owner of the group, can cancel an answer." });
}
