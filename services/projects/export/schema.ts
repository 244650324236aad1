import { type Static, type TObject, Type } from "@sinclair/typebox";
import { LinkType, ProjectRole } from "@stoa/events";
import { Id, OneOf, QueryBoolean } from "@stoa/http";
import { Project } from "../projects/schema.ts";
import { NewTask } from "../tasks/schema.ts";

/** Query of GET /projects/{id}/export. */
export const ExportQuery = Type.Object({
  format: Type.Optional(
    OneOf(["csv", "json"], {
      default: "json",
      description: "`csv`: a table. `json`: a document that POST /data/save understands.",
    }),
  ),
  bom: QueryBoolean({
    description: "Whether the table begins with a byte order mark, by which spreadsheets know that it is UTF-8.",
  }),
});
/** The query of GET /projects/{id}/export. */
export type ExportQuery = Static<typeof ExportQuery>;

const ExternalId = (description: string) => Type.String({ description });
const closed = <P extends Parameters<typeof Type.Object>[0]>(title: string, properties: P) =>
  Type.Object(properties, { title, additionalProperties: false });

const { project_id, parent_id, assignee_ids, title, ...fields } = NewTask.properties;

/** The fields of a task that an export has under their own names. */
export const exportedFields = ["title", ...Object.keys(fields)];

/** An exported project, in the shape of what POST /data/save takes. */
export const ProjectExport: TObject = closed("ProjectExport", {
  source: Type.String({ description: "What the external ids are of: `stoa`." }),
  users: Type.Array(
    closed("ExportedUser", {
      external_id: ExternalId("The user's id."),
      username: Type.Optional(Type.String()),
      user_id: Type.Optional(Id({ description: "Where the username is not known." })),
    }),
    { description: "The members of the project." },
  ),
  projects: Type.Array(
    closed("ExportedProject", {
      external_id: ExternalId("The project's id."),
      name: Type.String(),
      description: Type.Optional(Type.String()),
      timezone: Project.properties.timezone,
      working_days: Project.properties.working_days,
      members: Type.Optional(
        Type.Array(closed("ExportedMember", { user: ExternalId("The external id of a user."), role: ProjectRole }), {
          description: "Left out of a project whose members are all gone.",
        }),
      ),
    }),
    { description: "The project alone." },
  ),
  tasks: Type.Array(
    closed("ExportedTask", {
      external_id: ExternalId("The task's id."),
      project: ExternalId("The external id of the project."),
      parent: Type.Optional(ExternalId("The external id of the task that it is a part of.")),
      title,
      ...fields,
    }),
    { description: "In the order in which they were made; what is empty is left out." },
  ),
  assignees: Type.Array(
    closed("ExportedAssignee", {
      external_id: ExternalId("The ids of the task and the user."),
      task: ExternalId("The external id of the task."),
      user: ExternalId("The external id of the user."),
    }),
    { description: "Whom the tasks are assigned to." },
  ),
  links: Type.Array(
    closed("ExportedLink", {
      external_id: ExternalId("The link's id."),
      type: LinkType,
      task: ExternalId("The external id of the task that blocks, duplicates or relates to the other one."),
      linked_task: ExternalId("The external id of the other task."),
    }),
    { description: "How the tasks of the project hang together." },
  ),
});
