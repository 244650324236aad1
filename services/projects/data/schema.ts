import { type Static, Type } from "@sinclair/typebox";
import { LinkType, ProjectRole } from "@stoa/events";
import { Id, Nullable, OneOf, Text } from "@stoa/http";
import { importedProjectFields, NewProject } from "../projects/schema.ts";
import { importedFields, NewTask } from "../tasks/schema.ts";

/** The most items of one batch save. */
export const MOST_ITEMS = 1_000;

const ExternalId = (description: string) => Text({ max: 255, description });
const external_id = ExternalId("Its id in the other system.");

/** A person of the other system, and who they are here. */
export const DataUser = Type.Object(
  {
    external_id,
    user_id: Type.Optional(Id({ description: "Who they are here; or send `username` or `email`." })),
    username: Type.Optional(Text({ max: 50, description: "Who they are here; or send `user_id` or `email`." })),
    email: Type.Optional(
      Text({ max: 254, description: "Who has verified this address here; or send `user_id` or `username`." }),
    ),
    full_name: Type.Optional(
      Nullable(
        Text({ max: 255, description: "What they are called, if they are added; of others it is not changed." }),
      ),
    ),
  },
  { title: "DataUser" },
);
/** A person of the other system, and who they are here. */
export type DataUser = Static<typeof DataUser>;

const DataMember = Type.Object(
  { user: ExternalId("A user of this source."), role: ProjectRole },
  { title: "DataMember" },
);

/** A project of the other system. */
export const DataProject = Type.Object(
  {
    external_id,
    name: NewProject.properties.name,
    ...importedProjectFields,
    key: NewProject.properties.key,
    members: Type.Optional(
      Type.Array(DataMember, { maxItems: 100, description: "Are added or get this role; others stay as they are." }),
    ),
  },
  { title: "DataProject" },
);
/** A project of the other system. */
export type DataProject = Static<typeof DataProject>;

/** A task of the other system. */
export const DataTask = Type.Object(
  {
    external_id,
    project: Type.Optional(Nullable(ExternalId("A project of this source; without one the task is personal."))),
    parent: Type.Optional(Nullable(ExternalId("The task of this source that it is a part of."))),
    ...importedFields,
    title: NewTask.properties.title,
  },
  { title: "DataTask" },
);
/** A task of the other system. */
export type DataTask = Static<typeof DataTask>;

/** That a task is assigned to someone. */
export const DataAssignee = Type.Object(
  { external_id, task: ExternalId("A task of this source."), user: ExternalId("A user of this source.") },
  { title: "DataAssignee" },
);
/** That a task is assigned to someone. */
export type DataAssignee = Static<typeof DataAssignee>;

/** That two tasks hang together. */
export const DataLink = Type.Object(
  {
    external_id,
    type: LinkType,
    task: ExternalId("The task of this source that blocks, duplicates or relates to the other one."),
    linked_task: ExternalId("The task of this source that is blocked, duplicated or related to."),
  },
  { title: "DataLink" },
);
/** That two tasks hang together. */
export type DataLink = Static<typeof DataLink>;

const many = { maxItems: MOST_ITEMS };

/** Body of POST /data/save. */
export const DataSave = Type.Object(
  {
    source: Text({ max: 100, description: "The name of the other system; ids are known for each user and source." }),
    dry_run: Type.Optional(
      Type.Boolean({ description: "Answers what would become of each item, and writes nothing." }),
    ),
    all_or_none: Type.Optional(
      Type.Boolean({ description: "One item that fails makes all fail: 422 `import_failed`." }),
    ),
    overwrite: Type.Optional(
      Type.Boolean({ description: "Overwrites what people have changed here since the last import too." }),
    ),
    users: Type.Optional(
      Type.Array(DataUser, {
        ...many,
        description: "People who exist here; a superuser's request adds those who do not.",
      }),
    ),
    projects: Type.Optional(Type.Array(DataProject, { ...many, description: "Projects to add or change." })),
    tasks: Type.Optional(Type.Array(DataTask, { ...many, description: "Tasks to add or change." })),
    assignees: Type.Optional(Type.Array(DataAssignee, { ...many, description: "Who tasks are assigned to." })),
    links: Type.Optional(Type.Array(DataLink, { ...many, description: "How tasks hang together." })),
    deleted: Type.Optional(
      Type.Array(ExternalId("A task of this source."), { ...many, description: "Tasks that go to the trash." }),
    ),
  },
  { title: "DataSave" },
);
/** The body of POST /data/save. */
export type DataSave = Static<typeof DataSave>;

/** What kind of thing an item is. */
export const kinds = ["user", "project", "task", "assignee", "link"] as const;
/** What kind of thing an item is. */
export type Kind = (typeof kinds)[number];

const outcomes = ["created", "updated", "unchanged", "failed"] as const;

const DataError = Type.Object(
  {
    error_code: Type.String({ description: "As in problem documents." }),
    detail: Type.String({ description: "A sentence about this case, for people." }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: "A JSON pointer into the item." }),
          message: Type.String({ description: "A sentence about the field, for people." }),
        }),
        { description: "Each field at fault." },
      ),
    ),
  },
  { title: "DataError", description: "Why the item was not saved." },
);
/** Why an item was not saved. */
export type DataError = Static<typeof DataError>;

/** What became of an item. */
export const DataResult = Type.Object(
  {
    kind: OneOf(kinds, { description: "What it is; of `deleted`, a task." }),
    external_id,
    id: Nullable(Id({ description: "Its id here; of an assignee, the task's. Null: it has none." })),
    outcome: OneOf(outcomes, { description: "A task that went to the trash, or came back, is `updated`." }),
    kept: Type.Optional(
      Type.Array(Type.String(), {
        description: "Fields that people have changed here since the last import, and that were left as they are.",
      }),
    ),
    error: Type.Optional(DataError),
  },
  { title: "DataResult", additionalProperties: false },
);
/** What became of an item. */
export type DataResult = Static<typeof DataResult>;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** The answer of POST /data/save. */
export const DataSaved = Type.Object(
  {
    results: Type.Array(DataResult, {
      description: "One for each item, in their order: users, projects, tasks, assignees, links, deleted.",
    }),
    totals: Type.Object(
      {
        created: count("Items that are new here."),
        updated: count("Items that were here and have changed."),
        unchanged: count("Items that were here as they are."),
        failed: count("Items that were not saved."),
      },
      { description: "How many items had each outcome.", additionalProperties: false },
    ),
  },
  { title: "DataSaved", additionalProperties: false },
);
/** The answer of POST /data/save. */
export type DataSaved = Static<typeof DataSaved>;
