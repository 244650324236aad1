import { type Static, Type } from "@sinclair/typebox";
import { Id, OneOf, Reference, Time } from "@stoa/http";

/** What a user may say of themselves. */
export const statuses = ["online", "away"] as const;

/** What a user says of themselves. */
export type Status = (typeof statuses)[number];

/** Body of PUT /presence. */
export const OwnPresence = Type.Object({ status: OneOf(statuses) }, { title: "OwnPresence" });

/** Whether a user is there. */
export const Presence = Type.Object(
  {
    user_id: Id({ description: "Who it is about." }),
    status: OneOf([...statuses, "offline"], {
      description: "`online` if any of their sessions is; `away` if each is; otherwise `offline`.",
    }),
  },
  { title: "Presence" },
);
/** Whether a user is there. */
export type Presence = Static<typeof Presence>;

/** Answer of GET /presence. */
export const Presences = Type.Object({ items: Type.Array(Presence) }, { title: "Presences" });

/** Query of GET /presence. */
export const PresenceQuery = Type.Object({
  user_ids: Type.Array(Reference(["me"]), {
    minItems: 1,
    maxItems: 100,
    description: "The users asked about; `me` is the asker.",
  }),
});

/** `typing`: someone writes in a conversation that the receiver has open. */
export const Typing = Type.Object(
  {
    conversation_id: Id({ description: "Where." }),
    user_id: Id({ description: "Who types." }),
    until: Time({ description: "Until when that holds, unless it is said again." }),
  },
  { title: "Typing" },
);
