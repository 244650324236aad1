import { type Static, Type } from "@sinclair/typebox";
import { Id } from "@stoa/http";

/** How many of those who reacted with an emoji are named. */
export const NAMED = 50;

/** What several users reacted with to a message. */
export const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer({ description: "How many users reacted with it." }),
    me: Type.Boolean({ description: "Whether you are one of them." }),
    user_ids: Type.Array(Id(), { description: `Who they are: the first ${NAMED}.` }),
  },
  { title: "Reaction" },
);
/** What several users reacted with to a message. */
export type Reaction = Static<typeof Reaction>;

/** Path of one's reaction to a message. */
export const ReactionParams = Type.Object({
  id: Id({ description: "A message." }),
  emoji: Type.String({ description: "An emoji, percent-encoded. ❤ and ❤️ are one." }),
});
