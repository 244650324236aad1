import { Type } from "@sinclair/typebox";
import { ProjectRole } from "@stoa/events";
import { Id, listQuery, Nullable, QueryBoolean, Text } from "@stoa/http";
import { keyPattern } from "./key.ts";

const Name = Text({ max: 255 });
const Description = Nullable(Text({ min: 0, max: 20_000 }));

/** Body of POST /projects. */
export const NewProjectBody = Type.Object(
  {
    name: Name,
    description: Type.Optional(Description),
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
    organization_id: Type.Optional(Nullable(Id())),
  },
  { title: "NewProject" },
);

/** Body of PATCH and PUT /projects/{id}; the other fields must equal what is there. */
export const ProjectPatchBody = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Description),
    id: Type.Optional(Type.Unknown()),
    key: Type.Optional(Type.Unknown()),
    organization_id: Type.Optional(Nullable(Id({ description: "Yours; null: none." }))),
    role: Type.Optional(Type.Unknown()),
    members: Type.Optional(Type.Unknown()),
  },
  { title: "ProjectPatch" },
);

/** Query of GET /projects. */
export const ProjectsQuery = listQuery({
  deleted: QueryBoolean({ description: "Those in the trash, for their owners." }),
  organization_id: Type.Optional(Id({ description: "Those of this organization." })),
});

/** Path of one project. */
export const ProjectParams = Type.Object({ id: Id() });

/** Path of one member. */
export const MemberParams = Type.Object({ id: Id(), user_id: Id() });

/** Body of POST /projects/{id}/users. */
export const MembershipBody = Type.Object(
  {
    user_id: Type.Optional(Id({ description: "Who; or send username." })),
    username: Type.Optional(Text({ max: 50 })),
    role: ProjectRole,
  },
  { title: "ProjectMembership" },
);
