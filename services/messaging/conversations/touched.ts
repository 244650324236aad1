import { raw, type Sql, sql } from "@stoa/db";

/**
 * A conversation has changed: its next version, and its latest activity (which a late event does not move back).
 *
 * @param happened of the command's event
 * @param set what else changes
 */
export function touched(conversation_id: string, time: string, happened: Sql, set?: Sql): Sql {
  const more = set ? sql`, ${set}` : raw("");
  return sql`update conversations set version = version + 1, updated_at = max(updated_at, ${time})${more}
    where id = ${conversation_id} and ${happened}`;
}
