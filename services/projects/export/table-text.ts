import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { Project } from "../projects/schema.ts";
import { shapeTask } from "../tasks/row.ts";
import { BYTE_ORDER_MARK, header, lineOf } from "./csv.ts";
import { taskWindows } from "./windows.ts";

/** The tasks of a project as a table, in pieces of CSV. */
export async function* tableOf(db: Database, actor: Actor, project: Project, bom: boolean): AsyncGenerator<string> {
  yield (bom ? BYTE_ORDER_MARK : "") + header;
  for await (const rows of taskWindows(db, actor, project.id)) {
    yield rows.map(({ assignees, ...row }) => lineOf({ ...shapeTask(row), assignees })).join("");
  }
}
