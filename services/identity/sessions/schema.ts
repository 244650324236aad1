import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, QueryBoolean, Text, Time } from "@stoa/http";
import { Code, RecoveryCode } from "../mfa/schema.ts";
import { Password } from "../users/schema.ts";

/** What a login and a refresh answer. */
export const Tokens = Type.Object(
  {
    access_token: Type.String({ description: "A JWT; send it as `Authorization: Bearer`." }),
    refresh_token: Type.String({ description: "Gives the next tokens, once. Keep it secret." }),
    token_type: Type.Literal("bearer"),
    expires_in: Type.Integer({ description: "Seconds until the access token expires." }),
    session_id: Id({ description: "The session that the tokens belong to." }),
  },
  { title: "Tokens" },
);
/** What a login and a refresh answer. */
export type Tokens = Static<typeof Tokens>;

/** What a refresh answers that rotates nothing. */
export type RenewedToken = Pick<Tokens, "access_token" | "token_type" | "expires_in">;

/** A login, as its user sees it. */
export const Session = Type.Object(
  {
    id: Id(),
    device_info: Nullable(Type.String({ description: "The `User-Agent` of the login." })),
    ip_address: Nullable(Type.String({ description: "Where the login came from." })),
    is_active: Type.Boolean({ description: "Whether its tokens are still taken." }),
    current: Type.Boolean({ description: "Whether it is the session of this request." }),
    created_at: Time(),
    last_seen_at: Time({ description: "Its last login, refresh or call to identity." }),
    expires_at: Time({ description: "When it ends unless it is refreshed; 90 days after its creation at the latest." }),
    ended_at: Nullable(Time()),
    end_reason: Nullable(
      Type.String({ description: "Why it ended: `logout`, `password_changed`, `mfa_enabled`, `reuse` …" }),
    ),
  },
  { title: "Session" },
);
/** A login, as its user sees it. */
export type Session = Static<typeof Session>;

/** Either name will do; an e-mail in `username` works. */
export const Login = Type.Object(
  {
    username: Type.Optional(Text({ max: 254, description: "A username; an e-mail works too." })),
    email: Type.Optional(Text({ max: 254 })),
    password: Password,
  },
  { title: "Login" },
);

/** What a login as a form has besides, as clients of OAuth 2.0 send it. Source: RFC 6749, section 4.3.2. */
export const LoginForm = Type.Object(
  {
    grant_type: Type.Optional(Type.Literal("password", { description: "How the login is proven." })),
    scope: Type.Optional(Text({ min: 0, max: 1_000, description: "Is not read." })),
    client_id: Type.Optional(Text({ min: 0, max: 1_000, description: "Is not read." })),
    client_secret: Type.Optional(Text({ min: 0, max: 1_000, description: "Is not read." })),
  },
  { title: "LoginForm" },
);

/** A name and its password. */
export type Login = Static<typeof Login>;

/** A refresh token to be rotated. */
export const Refresh = Type.Object(
  { refresh_token: Text({ max: 2_048, verbatim: true, description: "The newest that you have." }) },
  { title: "Refresh" },
);
/** A refresh token to be rotated. */
export type Refresh = Static<typeof Refresh>;

/** A proof of who the user is: one of the three. */
export const Reauthentication = Type.Object(
  {
    password: Type.Optional(Password),
    code: Type.Optional(Code),
    recovery_code: Type.Optional(RecoveryCode),
  },
  { title: "Reauthentication" },
);
/** A proof of who the user is. */
export type Reauthentication = Static<typeof Reauthentication>;

/** Query of GET /auth/sessions and /auth/users/{id}/sessions. */
export const SessionsQuery = listQuery({
  ended: QueryBoolean({ default: false, description: "Those that ended within 30 days, instead of the live ones." }),
});
/** The query of GET /auth/sessions and /auth/users/{id}/sessions. */
export type SessionsQuery = Static<typeof SessionsQuery>;

/** A user's id and a session's in a path. */
export const UserSessionParams = Type.Object({
  id: Id({ description: "A user." }),
  session_id: Id({ description: "A session of theirs." }),
});

/** A session's id in a path. */
export const SessionParams = Type.Object({ id: Id({ description: "A session of your own." }) });

/** What the documentation shows. */
export const exampleTokens = {
  access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…",
  refresh_token: "AZqg8Dwr…",
  token_type: "bearer",
  expires_in: 900,
  session_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293",
} satisfies Tokens;
