import { type Static, Type } from "@sinclair/typebox";
import { ProjectRole } from "@stoa/events";
import {
  defaultsOf,
  Id,
  listQuery,
  Nullable,
  optional,
  Patch,
  QueryBoolean,
  QueryList,
  Text,
  Time,
  TimeZone,
  Version,
  withDefault,
} from "@stoa/http";
import { keyPattern } from "./key.ts";

/** What owners say of a project. */
const fields = {
  name: Text({ max: 255 }),
  description: Nullable(Text({ min: 0, max: 20_000, lines: true })),
  organization_id: Nullable(Id({ description: "The organization that it belongs to; null: its creator's own." })),
  timezone: withDefault(
    TimeZone({ description: "Where its days begin and end, by the IANA name: `Europe/Berlin`." }),
    "UTC",
  ),
  working_days: withDefault(
    Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), {
      minItems: 1,
      maxItems: 7,
      uniqueItems: true,
      description: "The days on which people work: 1 is Monday, 7 is Sunday.",
    }),
    [1, 2, 3, 4, 5],
  ),
};

/** A member of a project, as others see them. */
export const Member = Type.Object(
  {
    user_id: Id({ description: "The member." }),
    username: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    is_active: Type.Boolean({ description: "False: disabled, and cannot log in." }),
    role: ProjectRole,
  },
  { title: "ProjectMember", additionalProperties: false },
);
/** A member of a project, as others see them. */
export type Member = Static<typeof Member>;

/** A project, as a user sees it: `role` is theirs. */
export const Project = Type.Object(
  {
    id: Id(),
    key: Type.String({ description: "Begins the keys of its tasks: `APP` of `APP-12`. It never changes." }),
    ...fields,
    role: ProjectRole,
    members: Type.Array(Member),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
    deleted_at: Nullable(Time({ description: "Since when it is in the trash." })),
  },
  { title: "Project", description: "A project. `role` is your own role in it.", additionalProperties: false },
);
/** A project, as a user sees it. */
export type Project = Static<typeof Project>;

/** Body of POST /projects. */
export const NewProject = Type.Object(
  {
    ...optional(fields),
    name: fields.name,
    key: Type.Optional(
      Nullable(
        Text({
          max: 10,
          pattern: keyPattern.source,
          message: "A key is 1 to 10 letters and digits, a letter first.",
          description: "Begins the keys of its tasks, in capitals; made from the name when absent. It never changes.",
        }),
      ),
    ),
  },
  { title: "NewProject" },
);
/** The body of POST /projects. */
export type NewProject = Static<typeof NewProject>;

/** Body of PATCH and PUT /projects/{id}. */
export const ProjectPatch = Patch(fields, Project);
/** A change of a project. */
export type ProjectPatch = Static<typeof ProjectPatch>;
/** The names of the fields that it may change. */
export const projectFields = Object.keys(fields) as readonly (keyof typeof fields)[];
const { name, organization_id, ...said } = fields;
/** The fields of a project that a batch save is given besides its name. */
export const importedProjectFields = Patch(said, Type.Object({})).properties;
/** What a new project has where nothing is said, and what null clears a field to. */
export const projectDefaults = defaultsOf(fields);

/** Working days as they are kept: Monday first. */
export const inOrder = (days: readonly number[]) => days.toSorted((a, b) => a - b);

/** Query of GET /projects. */
export const ProjectsQuery = listQuery({
  deleted: QueryBoolean({ description: "Those in the trash, for their owners." }),
  organization_id: QueryList(Id(), { description: "Those of one of these organizations." }),
  without_owner: QueryBoolean({
    description:
      "Those that nobody but superusers may manage: their owners were disabled or erased. `false`: the others.",
  }),
});
/** The query of GET /projects. */
export type ProjectsQuery = Static<typeof ProjectsQuery>;

/** Path of one project. */
export const ProjectParams = Type.Object({ id: Id({ description: "A project." }) });

/** Path of one member. */
export const MemberParams = Type.Object({
  id: Id({ description: "A project." }),
  user_id: Id({ description: "A member of it." }),
});

/** Body of POST /projects/{id}/users. */
export const NewMember = Type.Object(
  {
    user_id: Type.Optional(Id({ description: "Who; or send `username`." })),
    username: Type.Optional(Text({ max: 50, description: "Who; or send `user_id`." })),
    role: ProjectRole,
  },
  { title: "ProjectMembership" },
);
/** The body of POST /projects/{id}/users. */
export type NewMember = Static<typeof NewMember>;
