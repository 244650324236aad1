import { type Handler, on } from "@stoa/bus/types";
import { raw, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { appendEach, forgetAddresses } from "@stoa/journal";
import { endAssignments } from "../tasks/end-assignments.ts";

/**
 * Nobody can take an erased user's place: their memberships and assignments end, with an event for each. A project may
 * be left without an owner; a superuser can make one. Where they acted from, address and device, is forgotten.
 */
export const erasureHandlers: readonly Handler[] = [
  on("reaction", "user.erased", ({ time, data: { user_id }, requestid, traceparent }) => {
    const cause = { ...system, request_id: requestid, traceparent };
    const theirs = sql`select project_id from members where user_id = ${user_id}`;
    return [
      appendEach(raw("1"), {
        cause,
        type: "project.member_removed",
        time,
        aggregate_id: raw("p.id"),
        entity_id: raw("p.id"),
        organization_id: raw("p.organization_id"),
        data: raw(`json_object('project_id', p.id, 'name', p.name, 'version', p.version + 1, 'user_id', m.user_id,
          'role', m.role)`),
        from: raw("members m join projects p on p.id = m.project_id"),
        where: sql`m.user_id = ${user_id}`,
      }),
      ...endAssignments(cause, null, user_id, raw("1"), time),
      sql`update projects set version = version + 1, updated_at = ${time} where id in (${theirs})`,
      sql`delete from members where user_id = ${user_id}`,
      // What others' systems called them goes too: an id there may be their name or address.
      sql`delete from imported where kind = 'user' and entity_id = ${user_id}`,
      sql`delete from imported where owner_id = ${user_id}`,
      forgetAddresses(user_id),
    ];
  }),
];
