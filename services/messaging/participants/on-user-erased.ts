import { on } from "@stoa/bus/types";
import { raw, sql } from "@stoa/db";
import { appendEach } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import { heirOf, livingIn } from "./heir.ts";

/**
 * The groups of an erased user belong to whoever has been in them longest; one in which nobody is left who was not erased
 * goes to the trash. What they said stays, and so does their place, as a former member's. It comes after the directory
 * knows that they were erased. A disabled user keeps their groups: they may come back, and superusers may hand them over.
 */
export const passGroupsOn = on("reaction", "user.erased", (event) => {
  const { user_id } = event.data;
  const { time } = event;
  const said = { cause: causeOf(event), time, organization_id: raw("null"), aggregate_id: raw("g.id") };
  // By who is in them, so that not all groups are looked at.
  const theirs = (which: string) =>
    sql`g.type = 'group' and g.trashed_at is null and g.id in (select o.conversation_id from participants o
      where o.user_id = ${user_id} and ${raw(which)})`;
  const owned = theirs("o.role = 'owner'");
  const left = sql`exists (${livingIn(raw("g.id"))})`;
  const inherited = sql`conversations g where ${owned} and ${left}`;
  const emptied = sql`${theirs("1")} and not ${left}`;
  return [
    appendEach(raw("1"), {
      ...said,
      type: "conversation.owner_changed",
      entity_id: raw("null"),
      data: sql`json_object('conversation_id', g.id, 'user_id', ${heirOf(raw("g.id"))})`,
      from: raw("conversations g"),
      where: sql`${owned} and ${left}`,
    }),
    appendEach(raw("1"), {
      ...said,
      type: "conversation.trashed",
      entity_id: raw("null"),
      data: sql`json_object('conversation_id', g.id)`,
      from: raw("conversations g"),
      where: emptied,
    }),
    sql`update conversations set trashed_at = ${time} where id in (select g.id from conversations g where ${emptied})`,
    sql`update conversations set version = version + 1, updated_at = max(updated_at, ${time})
      where id in (select g.id from ${inherited})`,
    sql`update participants set role = 'owner' where (conversation_id, user_id) in (
      select g.id, ${heirOf(raw("g.id"))} from ${inherited})`,
    sql`update participants set role = 'member' where user_id = ${user_id} and role = 'owner'
      and conversation_id in (select g.id from ${inherited})`,
  ];
});
