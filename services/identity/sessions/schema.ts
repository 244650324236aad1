import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, QueryBoolean, Text } from "@stoa/http";
import { Code, RecoveryCode } from "../mfa/schema.ts";
import { Password } from "../users/schema.ts";

/** What a login and a refresh answer. */
export const Tokens = Type.Object(
  {
    access_token: Type.String(),
    refresh_token: Type.String(),
    token_type: Type.Literal("bearer"),
    expires_in: Type.Integer({ description: "Seconds until the access token expires." }),
    session_id: Type.String(),
  },
  { title: "Tokens" },
);
/** What a login and a refresh answer. */
export type Tokens = Static<typeof Tokens>;

/** A login, as its user sees it. */
export const Session = Type.Object(
  {
    id: Type.String(),
    device_info: Nullable(Type.String()),
    ip_address: Nullable(Type.String()),
    is_active: Type.Boolean(),
    current: Type.Boolean(),
    created_at: Type.String(),
    last_seen_at: Type.String(),
    expires_at: Type.String(),
    ended_at: Nullable(Type.String()),
    end_reason: Nullable(Type.String()),
  },
  { title: "Session" },
);
/** A login, as its user sees it. */
export type Session = Static<typeof Session>;

const Name = Text({ max: 254 });

/** Either name will do; an e-mail in `username` works. */
export const Login = Type.Object(
  {
    username: Type.Optional(Name),
    email: Type.Optional(Name),
    password: Password,
  },
  { title: "Login" },
);

/** A name and its password. */
export type Login = Static<typeof Login>;

/** A refresh token to be rotated. */
export const Refresh = Type.Object({ refresh_token: Text({ max: 2_048, verbatim: true }) }, { title: "Refresh" });
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
export const SessionsQuery = listQuery({ ended: QueryBoolean({ default: false }) });
/** Which sessions: the live ones, or those that ended within 30 days. */
export type SessionsQuery = Static<typeof SessionsQuery>;

/** A user's id and a session's in a path. */
export const UserSessionParams = Type.Object({ id: Id(), session_id: Id() });

/** A session's id in a path. */
export const SessionParams = Type.Object({ id: Id() });

/** What the documentation shows. */
export const exampleTokens = {
  access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…",
  refresh_token: "AZqg8Dwr…",
  token_type: "bearer",
  expires_in: 900,
  session_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293",
} satisfies Tokens;
