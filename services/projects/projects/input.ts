import { ProjectRole } from "@stoa/events";
import { Id, listQuery, Nullable, QueryBoolean, Text } from "@stoa/http";
import { t } from "elysia";
import { keyPattern } from "./key.ts";

const Name = Text({ max: 255 });
const Description = Nullable(Text({ min: 0, max: 20_000 }));

/** Body of POST /projects. */
export const NewProjectBody = t.Object({
  name: Name,
  description: t.Optional(Description),
  key: t.Optional(
    Text({
      max: 10,
      pattern: keyPattern.source,
      message: "A key is 1 to 10 capital letters and digits, a letter first.",
      description: "Begins the keys of its tasks; made from the name when absent. It never changes.",
    }),
  ),
  organization_id: t.Optional(Nullable(Id())),
});

/** Body of PATCH and PUT /projects/{id}; the other fields must equal what is there. */
export const ProjectPatchBody = t.Object({
  name: t.Optional(Name),
  description: t.Optional(Description),
  id: t.Optional(t.Unknown()),
  key: t.Optional(t.Unknown()),
  organization_id: t.Optional(t.Unknown()),
  role: t.Optional(t.Unknown()),
  members: t.Optional(t.Unknown()),
});

/** Query of GET /projects. */
export const ProjectsQuery = listQuery({
  deleted: QueryBoolean({ description: "Those in the trash, for their owners." }),
});

/** Path of one project. */
export const ProjectParams = t.Object({ id: Id() });

/** Path of one member. */
export const MemberParams = t.Object({ id: Id(), user_id: Id() });

/** Body of POST /projects/{id}/users. */
export const MembershipBody = t.Object({
  user_id: t.Optional(Id({ description: "Who; or send username." })),
  username: t.Optional(Text({ max: 50 })),
  role: ProjectRole,
});
