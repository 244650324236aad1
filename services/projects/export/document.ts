import type { Actor } from "@stoa/auth";
import { type Database, sql } from "@stoa/db";
import type { Project } from "../projects/schema.ts";
import { shapeTask } from "../tasks/row.ts";
import type { Task } from "../tasks/schema.ts";
import { exportedFields } from "./schema.ts";
import { linkWindows, taskWindows } from "./windows.ts";

/** Whose ids the external ids are. */
const source = "stoa";

/**
 * A project as a document that POST /data/save understands, in pieces of JSON. The key of the project is not in it: where
 * it is saved another project may have it, and a new one is made from the name.
 */
export async function* documentOf(db: Database, actor: Actor, project: Project): AsyncGenerator<string> {
  const { id, name, description, timezone, working_days, members } = project;
  const users = members.map(({ user_id, username }) => ({
    external_id: user_id,
    ...(username === null ? { user_id } : { username }),
  }));
  const saved = withoutEmpty({
    external_id: id,
    ...{ name, description, timezone, working_days },
    members: members.map(({ user_id, role }) => ({ user: user_id, role })),
  });
  const head = { source, users, projects: [saved] };
  yield `${JSON.stringify(head).slice(0, -1)},"tasks":[`;
  yield* listOf(taskWindows(db, actor, id), (row) => [exported(shapeTask(row))]);
  yield `],"assignees":[`;
  // A second walk: to keep them from the first one would take memory.
  yield* listOf(taskWindows(db, actor, id, sql`assignee_ids <> '[]'`), (row) =>
    shapeTask(row).assignee_ids.map((user) => ({ external_id: `${row.id} ${user}`, task: row.id, user })),
  );
  yield `],"links":[`;
  yield* listOf(linkWindows(db, actor, id), (link) => [
    { external_id: link.id, type: link.type, task: link.task_id, linked_task: link.linked_task_id },
  ]);
  yield "]}\n";
}

/** The items of each window's rows, with commas between them. */
async function* listOf<R>(windows: AsyncIterable<readonly R[]>, itemsOf: (row: R) => object[]): AsyncGenerator<string> {
  let between = "\n";
  for await (const rows of windows) {
    const items = rows.flatMap(itemsOf).map((item) => JSON.stringify(item));
    yield between + items.join(",\n");
    between = ",\n";
  }
}

function exported(task: Task): object {
  const fields = Object.entries(task).filter(([name]) => exportedFields.includes(name));
  return withoutEmpty({
    external_id: task.id,
    project: task.project_id,
    parent: task.parent_id,
    ...Object.fromEntries(fields),
  });
}

/** Without what is null or an empty list: a field that is not there is left as it is where it is saved. */
function withoutEmpty(fields: object): object {
  const full = Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length));
  return Object.fromEntries(full);
}
