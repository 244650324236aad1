import { type Static, Type } from "@sinclair/typebox";
import { Id, Time, Version } from "@stoa/http";

/** What a client drops: a task that was deleted, or is no longer in what it asked for or the user may see. */
export const Tombstone = Type.Object(
  {
    id: Id({ description: "The task." }),
    version: Version,
    deleted_at: Time({ description: "Since when it is gone, for this user." }),
  },
  { title: "Tombstone", additionalProperties: false },
);
/** What a client drops. */
export type Tombstone = Static<typeof Tombstone>;
