import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";
import { system } from "@stoa/events";
import { endMemberships } from "../members/end-memberships.ts";

/**
 * Who is removed from an organization, or leaves it, loses their memberships of its projects, those in the trash too, and
 * their assignments there. The event of each names who removed them and has the request's id, by which it is found from
 * the entry in identity's audit trail.
 */
export const offboardingHandlers: readonly Handler[] = [
  on("reaction", "organization.member_removed", ({ time, actorid, requestid, traceparent, data }) => {
    const { organization_id, user_id } = data;
    return endMemberships({
      cause: { ...system, actor_id: actorid, request_id: requestid, traceparent },
      user_id,
      time,
      of: sql`p.organization_id = ${organization_id}`,
      assignments: sql`t.project_id in (select id from projects where organization_id = ${organization_id})`,
    });
  }),
];
