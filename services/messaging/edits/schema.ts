import { type Static, Type } from "@sinclair/typebox";
import { Id, Time } from "@stoa/http";

/** A text that a message had before another replaced it. */
export const EarlierText = Type.Object(
  {
    message_id: Id({ description: "The message." }),
    version: Type.Integer({ minimum: 1, description: "The version of the message that had this text last." }),
    content: Type.String(),
    created_at: Time({ description: "When it was written." }),
    replaced_at: Time({ description: "When another text replaced it." }),
  },
  { title: "EarlierText" },
);
/** A text that a message had before another replaced it. */
export type EarlierText = Static<typeof EarlierText>;
