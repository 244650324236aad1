import { type Static, Type } from "@sinclair/typebox";
import { LinkType } from "@stoa/events";
import { Id, Time } from "@stoa/http";

/** A link between two tasks. It has no title: who sees one of the tasks need not see the other. */
export const Link = Type.Object(
  {
    id: Id(),
    type: LinkType,
    task_id: Id({ description: "The task that blocks, duplicates or relates to the other one." }),
    linked_task_id: Id({ description: "The task that is blocked, duplicated or related to." }),
    created_at: Time(),
  },
  { title: "Link", additionalProperties: false },
);
/** A link between two tasks. */
export type Link = Static<typeof Link>;

/** Body of POST /tasks/{id}/links. */
export const NewLink = Type.Object(
  {
    type: LinkType,
    task_id: Id({ description: "The other task: the one that is blocked, duplicated or related to." }),
  },
  { title: "NewLink" },
);
/** The body of POST /tasks/{id}/links. */
export type NewLink = Static<typeof NewLink>;

/** Path of one link. */
export const LinkParams = Type.Object({
  id: Id({ description: "A task: either of the two." }),
  link_id: Id({ description: "A link of it." }),
});
