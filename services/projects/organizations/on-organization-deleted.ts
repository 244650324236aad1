import { type Handler, on } from "@stoa/bus/types";
import { raw, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { appendEach } from "@stoa/journal";
import { noEarlier } from "../no-earlier.ts";

/**
 * The projects of an organization that was deleted go to the trash with their tasks, each by an event of its own, so that
 * each can be restored by its owners.
 */
export const deletionHandlers: readonly Handler[] = [
  on("reaction", "organization.deleted", ({ id, time, actorid, requestid, traceparent, data }) => {
    const live = sql`organization_id = ${data.organization_id} and deleted_at is null`;
    // Different for each project: what comes back with one is not what went with another.
    const gone = (
      project_id: string,
    ) => sql`version = version + 1, updated_at = ${noEarlier(time)}, deleted_at = ${time},
      deletion_id = ${id} || ':' || ${raw(project_id)}`;
    return [
      appendEach(raw("1"), {
        cause: { ...system, actor_id: actorid, request_id: requestid, traceparent },
        type: "project.trashed",
        time,
        aggregate_id: raw("p.id"),
        entity_id: raw("p.id"),
        organization_id: raw("p.organization_id"),
        data: raw("json_object('project_id', p.id, 'name', p.name, 'version', p.version + 1)"),
        from: raw("projects p"),
        where: live,
      }),
      // The tasks first: they are known by projects that are live yet.
      sql`update tasks set ${gone("project_id")}
        where deleted_at is null and project_id in (select id from projects where ${live})`,
      sql`update projects set ${gone("id")} where ${live}`,
    ];
  }),
];
