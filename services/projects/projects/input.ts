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
    organization_id: Type.Optional(Nullable(Id({ description: "An organization of yours; null: none." }))),
  },
  { title: "NewProject" },
);

/** Body of PATCH and PUT /projects/{id}; the other fields must equal what is there. */
export const ProjectPatchBody = Type.Object(
  {
    name: Type.Optional(Name),
    description: Type.Optional(Description),
    id: Type.Optional(Type.Unknown({ readOnly: true })),
    key: Type.Optional(Type.Unknown({ readOnly: true })),
    organization_id: Type.Optional(Nullable(Id({ description: "An organization of yours; null: none." }))),
    role: Type.Optional(Type.Unknown({ readOnly: true })),
    members: Type.Optional(Type.Unknown({ readOnly: true })),
  },
  { title: "ProjectPatch" },
);

/** Query of GET /projects. */
export const ProjectsQuery = listQuery({
  deleted: QueryBoolean({ description: "Those in the trash, for their owners." }),
  organization_id: Type.Optional(Id({ description: "Those of this organization." })),
});

/** Path of one project. */
export const ProjectParams = Type.Object({ id: Id({ description: "A project." }) });

/** Path of one member. */
export const MemberParams = Type.Object({
  id: Id({ description: "A project." }),
  user_id: Id({ description: "A member of it." }),
});

/** Body of POST /projects/{id}/users. */
export const MembershipBody = Type.Object(
  {
    user_id: Type.Optional(Id({ description: "Who; or send `username`." })),
    username: Type.Optional(Text({ max: 50, description: "Who; or send `user_id`." })),
    role: ProjectRole,
  },
  { title: "ProjectMembership" },
);
