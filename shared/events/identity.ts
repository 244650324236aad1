import { type Static, Type } from "@sinclair/typebox";
import { organizationEvents } from "./organizations.ts";
import { closed, Id, Nullable } from "./schema.ts";

/** Who a user is to others; the only events that carry names. */
const Profile = closed({ user_id: Id, username: Type.String(), full_name: Nullable(Type.String()) });

/** What a user proved themselves with. */
const LoginMethod = Type.Union([Type.Literal("password"), Type.Literal("external")]);
/** What they proved themselves with besides. */
const SecondFactor = Type.Union([Type.Literal("totp"), Type.Literal("recovery_code")]);

/** Facts of identity; the aggregate is the user, the organization or the signing key. */
export const identityEvents = {
  "user.registered": closed({
    ...Profile.properties,
    is_superuser: Type.Boolean(),
    roles: Type.Array(Type.String()),
    source: Type.Union([
      Type.Literal("self"),
      Type.Literal("first_superuser"),
      Type.Literal("admin"),
      Type.Literal("import"),
      Type.Literal("external"),
    ]),
  }),
  /** `changed`: the fields, where a superuser changed them. */
  "user.updated": closed({ ...Profile.properties, changed: Type.Optional(Type.Array(Type.String())) }),
  "user.disabled": closed({ user_id: Id, session_ids: Type.Array(Id) }),
  "user.enabled": closed({ user_id: Id }),
  "user.erased": closed({ user_id: Id, session_ids: Type.Array(Id) }),
  "user.roles_changed": closed({ user_id: Id, from: Type.Array(Type.String()), to: Type.Array(Type.String()) }),
  "user.superuser_changed": closed({ user_id: Id, is_superuser: Type.Boolean() }),
  "user.password_changed": closed({ user_id: Id }),
  "user.password_reset_requested": closed({ user_id: Id }),
  "user.email_verification_requested": closed({ user_id: Id }),
  "user.email_verified": closed({ user_id: Id }),
  "user.email_change_requested": closed({ user_id: Id }),
  "user.email_changed": closed({ user_id: Id }),
  /** Someone of a corporate directory is this user from now on: both had verified the same address. */
  "user.external_linked": closed({ user_id: Id, origin: Type.String() }),
  "session.started": closed({
    user_id: Id,
    session_id: Id,
    method: LoginMethod,
    second_factor: Nullable(SecondFactor),
  }),
  /** The user proved again who they are, in a session that goes on. */
  "session.reauthenticated": closed({
    user_id: Id,
    session_id: Id,
    method: Type.Union([LoginMethod, SecondFactor]),
  }),
  "session.revoked": closed({
    user_id: Id,
    session_ids: Type.Array(Id),
    reason: Type.Union([
      Type.Literal("logout"),
      Type.Literal("logout_all"),
      Type.Literal("password_changed"),
      Type.Literal("password_reset"),
      Type.Literal("admin"),
      Type.Literal("reuse"),
      Type.Literal("expired"),
    ]),
  }),
  /** The first failure past the limit; the next one is told when the failures have been forgotten or lifted. */
  "login.throttled": closed({
    scope: Type.Union([
      Type.Literal("account"),
      Type.Literal("address"),
      Type.Literal("device"),
      Type.Literal("proof"),
      Type.Literal("code"),
    ]),
    /** Null where the name is nobody's, and for an address. */
    user_id: Nullable(Id),
    failures: Type.Integer(),
  }),
  "mfa.enabled": closed({ user_id: Id, factor: Type.Literal("totp") }),
  "mfa.disabled": closed({ user_id: Id, factor: Type.Literal("totp") }),
  "mfa.recovery_codes_renewed": closed({ user_id: Id }),
  "session.reuse_detected": closed({ user_id: Id, session_id: Id }),
  "role.created": closed({ role_id: Id, name: Type.String() }),
  "role.deleted": closed({ role_id: Id, name: Type.String() }),
  ...organizationEvents,
  "key.published": closed({ kid: Type.String() }),
  "key.activated": closed({ kid: Type.String() }),
  /** It signs no more; what it signed is taken until then. */
  "key.retired": closed({ kid: Type.String(), expires_at: Type.String() }),
  "key.revoked": closed({ kid: Type.String() }),
} as const;

/** What a user proved themselves with. */
export type LoginMethod = Static<typeof LoginMethod>;
/** What they proved themselves with besides. */
export type SecondFactor = Static<typeof SecondFactor>;

/** Why a session ended. */
export type SessionEndReason = Static<(typeof identityEvents)["session.revoked"]>["reason"];
