import { Type } from "@sinclair/typebox";
import { OneOf } from "@stoa/http";

/** What a client must know before anybody has logged in. */
export const Settings = Type.Object(
  {
    registration: OneOf(["open", "invited", "closed"], {
      description: "Who may register: anyone, whoever was mailed an invitation, or nobody.",
    }),
    corporate_login: Type.Boolean({ description: "Whether `POST /auth/login/external` is configured." }),
    passkeys: Type.Boolean({ description: "Whether passkeys log in here." }),
    version: Type.String({ description: "The version of Stoa." }),
  },
  { title: "AuthSettings" },
);
