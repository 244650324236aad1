import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import type { StoreDeps } from "../deps.ts";
import { changeOwn } from "../participants/change-own.ts";
import type { Conversation } from "./schema.ts";

/**
 * Moves the user's read mark to a `seq`: never back, never past the end.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export function markRead(deps: StoreDeps, actor: Actor, conversation_id: string, seq: number): Promise<Conversation> {
  const mark = sql`min(${seq}, (select last_seq from conversations where id = ${conversation_id}))`;
  return changeOwn(deps, actor, conversation_id, {
    event: { type: "read.moved", data: { conversation_id, user_id: actor.user_id, seq: mark } },
    set: { read_seq: mark },
    when: sql`read_seq < ${mark}`,
  });
}
