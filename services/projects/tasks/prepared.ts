import { type Database, prepared } from "@stoa/db";
import { and, desc, eq, exists, isNull, or, sql } from "drizzle-orm";
import { members } from "../members/table.ts";
import { organizationMembers } from "../organizations/table.ts";
import { projects } from "../projects/table.ts";
import type { Task } from "./schema.ts";
import { type StoredTaskForAsker, shapeTask, taskColumns } from "./shape.ts";
import { tasks } from "./table.ts";

/**
 * The hot reads. drizzle writes each once for each database; the rows then come straight from the driver, for mapping
 * them a second time costs an eighth of a page.
 */
export function preparedReads(db: Database): PreparedReads {
  const known = cache.get(db);
  if (known) return known;
  const made = prepare(db);
  cache.set(db, made);
  return made;
}

type PreparedReads = ReturnType<typeof prepare>;

const cache = new WeakMap<Database, PreparedReads>();

function prepare({ reader }: Database) {
  const asker = sql.placeholder("user_id");
  const membership = and(eq(members.project_id, tasks.project_id), eq(members.user_id, asker));
  const inOrganization = and(
    eq(organizationMembers.organization_id, projects.organization_id),
    eq(organizationMembers.user_id, asker),
  );
  return {
    /** A task with the asker's memberships: `{ id, user_id }`. */
    one: reader
      .select({
        ...taskColumns,
        membership: sql`${members.role}`.as("membership"),
        organization_role: sql`${organizationMembers.role}`.as("organization_role"),
      })
      .from(tasks)
      .leftJoin(members, membership)
      .leftJoin(projects, eq(projects.id, tasks.project_id))
      .leftJoin(organizationMembers, inOrganization)
      .where(eq(tasks.id, sql.placeholder("id")))
      .prepare(),
    /** The first page of a project that the asker sees, newest first: `{ project_id, user_id, size }`. */
    newest: reader
      .select(taskColumns)
      .from(tasks)
      .where(
        and(
          eq(tasks.project_id, sql.placeholder("project_id")),
          isNull(tasks.deleted_at),
          or(
            exists(
              reader
                .select({ one: sql`1` })
                .from(members)
                .where(and(eq(members.project_id, sql.placeholder("project_id")), eq(members.user_id, asker))),
            ),
            exists(
              reader
                .select({ one: sql`1` })
                .from(projects)
                .innerJoin(organizationMembers, eq(organizationMembers.organization_id, projects.organization_id))
                .where(and(eq(projects.id, sql.placeholder("project_id")), eq(organizationMembers.user_id, asker))),
            ),
          ),
        ),
      )
      .orderBy(desc(tasks.id))
      .limit(sql.placeholder("size"))
      .prepare(),
  };
}

/** A task with the asker's memberships of its project and of that project's organization. */
export async function readOne(db: Database, id: string, user_id: string): Promise<StoredTaskForAsker | undefined> {
  const { sql: text } = preparedReads(db).one.getQuery();
  const [row] = await db.query<StoredTaskForAsker>(prepared(text, [user_id, user_id, id]));
  return row;
}

/** The first page of a project, newest first; empty for who does not see it. */
export function readNewest(db: Database, project_id: string, user_id: string, size: number): Promise<Task[]> {
  const { sql: text } = preparedReads(db).newest.getQuery();
  return db.queryAs(prepared(text, [project_id, project_id, user_id, project_id, user_id, size]), shapeTask);
}
