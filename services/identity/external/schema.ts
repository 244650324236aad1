import { type Static, Type } from "@sinclair/typebox";
import { Text } from "@stoa/http";
import { Tokens } from "../sessions/schema.ts";
import { Password } from "../users/schema.ts";

const AccountId = Type.Union([Text({ max: 255 }), Type.Integer()]);

/** A login at the corporate directory. */
export const ExternalLogin = Type.Object(
  { account_id: AccountId, username: Text({ max: 255 }), password: Password },
  { title: "ExternalLogin" },
);
/** A login at the corporate directory. */
export type ExternalLogin = Static<typeof ExternalLogin>;

/** Tokens, and who the user is: here, and in the directory. */
export const ExternalTokens = Type.Object(
  {
    ...Tokens.properties,
    guid: Type.String({ description: "The directory's id of the person." }),
    user_id: Type.String(),
    ace_user_id: Type.Union([Type.String(), Type.Integer()]),
    username: Type.String({ description: "The username here, which differs if another user had the directory's." }),
    account_id: Type.Union([Type.String(), Type.Integer()]),
  },
  { title: "ExternalTokens" },
);
/** Tokens, and who the user is: here, and in the directory. */
export type ExternalTokens = Static<typeof ExternalTokens>;
