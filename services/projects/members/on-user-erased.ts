import { type Handler, on } from "@stoa/bus/types";
import { raw, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { forgetAddresses } from "@stoa/journal";
import { ofAnyProject } from "../tasks/end-assignments.ts";
import { erasePersonalTasks } from "../tasks/erase-personal.ts";
import { endMemberships } from "./end-memberships.ts";

/**
 * Nobody can take an erased user's place: their memberships and assignments end, with an event for each. A project may
 * be left without an owner; a superuser can make one. Their
 * personal tasks and private views, which nobody else has seen, go for good. Where they acted from, address and device, is forgotten.
 */
export const erasureHandlers: readonly Handler[] = [
  on("reaction", "user.erased", ({ time, data: { user_id }, requestid, traceparent }) => {
    const cause = { ...system, request_id: requestid, traceparent };
    return [
      ...endMemberships({ cause, user_id, time, of: raw("1"), assignments: ofAnyProject }),
      ...erasePersonalTasks(cause, user_id, time),
      sql`delete from views where creator_id = ${user_id} and is_shared = 0`,
      // What others' systems called them goes too: an id there may be their name or address.
      sql`delete from imported where kind = 'user' and entity_id = ${user_id}`,
      sql`delete from imported where owner_id = ${user_id}`,
      forgetAddresses(user_id),
    ];
  }),
];
