import type { Actor } from "@stoa/auth";
import { insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, notErased, type Part, retrying } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { findUsers, stillThere } from "../directory/lookup.ts";
import { selectBlock, shapeBlock } from "./row.ts";
import type { Block } from "./schema.ts";
import { blocks } from "./table.ts";

/**
 * Blocks someone. Nobody but the user who blocks is told. Someone who is blocked already stays so.
 *
 * @throws StoaError `not_found` for the user, `validation_failed` for oneself
 */
export function blockUser(deps: PeopleDeps, actor: Actor, blocked_id: string): Promise<Block> {
  const { user_id } = actor;
  if (blocked_id === user_id) {
    const message = "You cannot block yourself.";
    throw new StoaError("validation_failed", { errors: [{ path: "/user_id", message }] });
  }
  const { db, now } = deps;
  return retrying(db, `block ${user_id} ${blocked_id}`, async () => {
    const [present] = await db.query(selectBlock(user_id, blocked_id));
    if (present) return shapeBlock(present);
    await findUsers(deps, { ids: [blocked_id] });
    const time = now().toISOString();
    const added: Part = {
      guard: sql`not exists (select 1 from blocks where user_id = ${user_id} and blocked_id = ${blocked_id})`,
      effects: (happened) => [insertRow(blocks, { user_id, blocked_id, created_at: time }, happened)],
    };
    const rows = await command(
      db,
      actor.cause,
      { type: "block.added", aggregate_id: user_id, time, data: { user_id, blocked_id } },
      [notErased(actor), stillThere([blocked_id]), added],
      selectBlock(user_id, blocked_id),
    );
    return rows?.[0] && shapeBlock(rows[0]);
  });
}
