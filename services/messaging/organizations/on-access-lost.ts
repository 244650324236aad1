import { type Handler, on } from "@stoa/bus/types";
import { raw, type Sql, sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { appendEach } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";

/**
 * Who leaves an organization no longer sees the projects that they saw by it alone, of which no event of projects tells: each
 * becomes an event of messaging. When an organization is deleted its projects go to the trash, one by one; that it is gone
 * is told to each member once. These come before the handlers that forget the members.
 */
export const accessLostHandlers: readonly Handler[] = [
  on("reaction", "organization.member_removed", (event) => {
    const { organization_id, user_id } = event.data;
    return [
      lost(event, {
        user_id: sql`${user_id}`,
        type: "project",
        id: raw("p.id"),
        from: raw("projects p"),
        where: sql`p.organization_id = ${organization_id} and p.trashed_at is null and not exists (
          select 1 from memberships m where m.project_id = p.id and m.user_id = ${user_id})`,
      }),
    ];
  }),
  on("reaction", "organization.deleted", (event) => {
    const { organization_id } = event.data;
    return [
      lost(event, {
        user_id: raw("o.user_id"),
        type: "organization",
        id: sql`${organization_id}`,
        from: raw("organization_members o"),
        where: sql`o.organization_id = ${organization_id}`,
      }),
    ];
  }),
];

interface Lost {
  readonly user_id: Sql;
  readonly type: "project" | "organization";
  readonly id: Sql;
  readonly from: Sql;
  readonly where: Sql;
}

function lost(event: Envelope, { user_id, type, id, from, where }: Lost): Sql {
  return appendEach(raw("1"), {
    cause: causeOf(event),
    type: "access.lost",
    time: event.time,
    aggregate_id: user_id,
    entity_id: id,
    organization_id: raw("null"),
    data: sql`json_object('user_id', ${user_id}, 'object', json_object('type', ${type}, 'id', ${id}))`,
    from,
    where,
  });
}
