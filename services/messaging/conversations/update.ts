import { type Sql, sql, updateRows } from "@stoa/db";
import { conversations } from "./table.ts";

/**
 * Changes a conversation: its next version, and its latest activity, which an event that comes late does not move back.
 *
 * @param set what changes in its row; nothing when its participants change
 * @param happened the condition that the command's event happened
 */
export function updateConversation(
  id: string,
  time: string,
  set: Parameters<typeof updateRows<typeof conversations>>[1],
  happened: Sql,
): Sql {
  return updateRows(
    conversations,
    { ...set, version: sql`version + 1`, updated_at: sql`max(updated_at, ${time})` },
    sql`id = ${id} and ${happened}`,
  );
}
