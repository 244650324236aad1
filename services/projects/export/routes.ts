import { controller, operation } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { memberExample, projectExample, taskExample } from "../examples.ts";
import { ProjectParams } from "../projects/schema.ts";
import { header, lineOf } from "./csv.ts";
import { exportProject } from "./export.ts";
import { ExportQuery, ProjectExport } from "./schema.ts";

const { id, title, status, priority, labels, due_at, estimate_minutes } = taskExample;
const { user_id, username, role } = memberExample;

const example = {
  source: "stoa",
  users: [{ external_id: user_id, username }],
  projects: [
    {
      external_id: projectExample.id,
      name: projectExample.name,
      description: projectExample.description,
      timezone: projectExample.timezone,
      working_days: projectExample.working_days,
      members: [{ user: user_id, role }],
    },
  ],
  tasks: [{ external_id: id, project: projectExample.id, title, status, priority, labels, due_at, estimate_minutes }],
  assignees: [{ external_id: `${id} ${user_id}`, task: id, user: user_id }],
  links: [],
};

const tableExample = header + lineOf({ ...taskExample, assignees: username });

/** Files of whole projects. */
export const exportRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects/:id/export").get(
    "",
    ({ actor, params, query }) => exportProject(deps, actor, params.id, query),
    operation({
      id: "projects.export",
      access: "user",
      tags: ["projects"],
      summary: "Download a project with its tasks",
      description: `For members. The file is sent while it is read, so it may be of any size; one that ends early is cut off.
\`csv\` is a table by RFC 4180 with a line for each task, in which no cell is a formula. \`json\` is the document that is
described here: POST /data/save takes it, in portions of at most 1,000 items.`,
      params: ProjectParams,
      query: ExportQuery,
      documented: ProjectExport,
      alsoProduces: { "text/csv": tableExample },
      errors: ["not_found", "forbidden"],
      example: { answer: example },
    }),
  );
