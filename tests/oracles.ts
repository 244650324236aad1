import { type Database, type Sql, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import type { Databases } from "./agreement.ts";

/**
 * What a projection must hold, said by the tables of the service that owns the data and not by its events. A projection
 * that is rebuilt by the same handlers would agree with itself also when they lose events.
 */
interface Oracle {
  /** The projection, as `service.table`. */
  readonly name: string;
  readonly projection: readonly [ServiceName, Sql];
  readonly truth: readonly [ServiceName, Sql];
}

const users = sql`select id as user_id, username, is_active from users`;
const directory = sql`select user_id, username, is_active from directory where erased_at is null`;

/** A purged project's tasks go in pieces after its event. */
const unpurgedTasks = sql`from (select * from tasks
  where project_id is null or project_id in (select id from projects where purged_at is null)) t`;

const oracles: readonly Oracle[] = [
  {
    name: "projects.tasks.scope",
    projection: ["projects", sql`select t.id, c.scope_id from tasks t left join counters c on c.row = t.scope`],
    truth: ["projects", sql`select id, coalesce(project_id, creator_id) as scope_id from tasks`],
  },
  { name: "projects.directory", projection: ["projects", directory], truth: ["identity", users] },
  { name: "messaging.directory", projection: ["messaging", directory], truth: ["identity", users] },
  {
    name: "projects.organization_members",
    projection: ["projects", sql`select organization_id, user_id, role from organization_members`],
    truth: ["identity", sql`select organization_id, user_id, role from organization_members`],
  },
  {
    name: "projects.organizations",
    projection: ["projects", sql`select organization_id, name, slug from organizations`],
    truth: ["identity", sql`select id as organization_id, name, slug from organizations`],
  },
  {
    name: "messaging.memberships",
    projection: ["messaging", sql`select project_id, user_id, role from memberships`],
    truth: ["projects", sql`select project_id, user_id, role from members`],
  },
  {
    name: "messaging.organization_members",
    projection: ["messaging", sql`select organization_id, user_id, role from organization_members`],
    truth: ["identity", sql`select organization_id, user_id, role from organization_members`],
  },
  {
    name: "messaging.projects",
    projection: ["messaging", sql`select id, organization_id, trashed_at is not null as trashed from projects`],
    truth: [
      "projects",
      sql`select id, organization_id, deleted_at is not null as trashed from projects where purged_at is null`,
    ],
  },
  {
    name: "messaging.tasks",
    projection: [
      "messaging",
      // What a project in the trash takes with it has no events of its own.
      sql`select t.id, t.project_id, t.title, t.creator_id, t.trashed_at is not null or p.trashed_at is not null as trashed
        from tasks t left join projects p on p.id = t.project_id`,
    ],
    truth: [
      "projects",
      sql`select id, project_id, title, creator_id, deleted_at is not null as trashed ${unpurgedTasks}`,
    ],
  },
  {
    name: "messaging.task_assignees",
    projection: ["messaging", sql`select task_id, user_id from task_assignees`],
    truth: ["projects", sql`select t.id as task_id, a.value as user_id ${unpurgedTasks}, json_each(t.assignee_ids) a`],
  },
];

/** Compares the projections with what they are projections of. Everything must have come to rest. */
export async function oracleFaults(databases: Partial<Databases>): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, projection, truth } of oracles) {
    const [found, wanted] = [databases[projection[0]], databases[truth[0]]];
    if (!found || !wanted) continue;
    const [rows, expected] = [await rowsIn(found, projection[1]), await rowsIn(wanted, truth[1])];
    const [missing, surplus] = [expected.difference(rows).size, rows.difference(expected).size];
    if (missing + surplus > 0) faults.push(`${name} lacks ${missing} rows of ${truth[0]} and has ${surplus} others`);
  }
  return faults;
}

async function rowsIn(db: Database, statement: Sql): Promise<Set<string>> {
  return new Set((await db.query(statement)).map((row) => JSON.stringify(row)));
}
