import { type Static, Type } from "@sinclair/typebox";
import { Id, Text } from "@stoa/http";
import { Tokens } from "../sessions/schema.ts";
import { Password } from "../users/schema.ts";

const AccountId = Type.Union([Text({ max: 255 }), Type.Integer()], { description: "The directory's account." });

/** A login at the corporate directory. */
export const ExternalLogin = Type.Object(
  { account_id: AccountId, username: Text({ max: 255, description: "As in the directory." }), password: Password },
  { title: "ExternalLogin" },
);
/** A login at the corporate directory. */
export type ExternalLogin = Static<typeof ExternalLogin>;

/** Tokens, and who the user is: here, and in the directory. */
export const ExternalTokens = Type.Object(
  {
    ...Tokens.properties,
    guid: Type.String({ description: "The directory's id of the person." }),
    user_id: Id({ description: "The user here." }),
    ace_user_id: Type.Union([Type.String(), Type.Integer()], { description: "The directory's id of the user." }),
    username: Type.String({ description: "The username here, which differs if another user had the directory's." }),
    account_id: Type.Union([Type.String(), Type.Integer()], { description: "The directory's account." }),
  },
  { title: "ExternalTokens" },
);
/** Tokens, and who the user is: here, and in the directory. */
export type ExternalTokens = Static<typeof ExternalTokens>;
