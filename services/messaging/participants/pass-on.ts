import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append } from "@stoa/journal";
import { heirOf, livingIn } from "./heir.ts";

/**
 * What becomes of a group after someone has gone: without an owner it belongs to whoever has been in it longest, without
 * anyone, or with none but erased users, it goes to the trash. Each has an event of its own.
 *
 * @param happened the condition of the event of their going
 */
export function passOn(cause: Cause, conversation_id: string, time: string, happened: Sql): Sql[] {
  const about = { aggregate_id: conversation_id, time };
  const left = sql`exists (${livingIn(conversation_id)})`;
  const heir = heirOf(conversation_id);
  const passed = append(
    cause,
    { type: "conversation.owner_changed", ...about, data: { conversation_id, user_id: heir } },
    sql`${happened} and ${left} and not exists (
      select 1 from participants where conversation_id = ${conversation_id} and role = 'owner')`,
  );
  const emptied = append(
    cause,
    { type: "conversation.trashed", ...about, data: { conversation_id } },
    sql`${happened} and not ${left}`,
  );
  return [
    passed.statement,
    sql`update participants set role = 'owner'
      where conversation_id = ${conversation_id} and user_id = ${heir} and ${passed.happened}`,
    emptied.statement,
    sql`update conversations set trashed_at = ${time} where id = ${conversation_id} and ${emptied.happened}`,
  ];
}
