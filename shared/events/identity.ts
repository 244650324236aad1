import { type Static, Type } from "@sinclair/typebox";
import { organizationEvents } from "./organizations.ts";
import { added, closed, Id, Nullable } from "./schema.ts";

/** What other users see of a user. Only events with these fields carry names. */
const Profile = closed({ user_id: Id, username: Type.String(), full_name: Nullable(Type.String()) });

/**
 * A user, and the address of theirs that is verified after the event: null when none is, or when they were erased. It is absent from
 * events that are older than the field.
 */
const Address = closed({ user_id: Id, email: Type.Optional(Nullable(Type.String())) });

/** What a user authenticated with. */
const LoginMethod = Type.Union([Type.Literal("password"), Type.Literal("external")]);
/** What the user authenticated with in addition. */
const SecondFactor = Type.Union([Type.Literal("totp"), Type.Literal("recovery_code")]);

/** What stands in place of an erased user's name. */
export const formerMember = "former member";

/** The events of identity. The aggregate is the user, the organization or the signing key. */
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
  /** `changed`: the fields that changed, when a superuser changed them. */
  "user.updated": closed({ ...Profile.properties, changed: Type.Optional(Type.Array(Type.String())) }),
  "user.disabled": closed({ user_id: Id, session_ids: Type.Array(Id) }),
  "user.enabled": closed({ user_id: Id }),
  "user.erased": closed({ user_id: Id, session_ids: Type.Array(Id) }),
  "user.roles_changed": closed({ user_id: Id, from: Type.Array(Type.String()), to: Type.Array(Type.String()) }),
  "user.superuser_changed": closed({ user_id: Id, is_superuser: Type.Boolean() }),
  "user.password_changed": closed({ user_id: Id }),
  "user.password_reset_requested": closed({ user_id: Id }),
  "user.email_verification_requested": closed({ user_id: Id }),
  "user.email_verified": Address,
  /** The address of a user who had verified it before `user.email_verified` carried it; nothing has changed. */
  "user.email_known": Address,
  "user.email_change_requested": closed({ user_id: Id }),
  /** The user, or the mailbox that would have been replaced, took back the address that waited to be confirmed. */
  "user.email_change_withdrawn": closed({ user_id: Id }),
  "user.email_changed": Address,
  /** A person of a corporate directory logs in as this user from now on. Both had verified the same e-mail address. */
  "user.external_linked": closed({ user_id: Id, origin: Type.String() }),
  /** No person of a corporate directory logs in as this user any more. */
  "user.external_unlinked": closed({ user_id: Id }),
  "session.started": closed({
    user_id: Id,
    session_id: Id,
    method: LoginMethod,
    second_factor: added(Nullable(SecondFactor)),
  }),
  /** The user authenticated again in a session that goes on. */
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
      /** A second factor was turned on: sessions from before it knew the password alone. */
      Type.Literal("mfa_enabled"),
      /** The e-mail address was changed, or a change was undone by the mailbox that it came from. */
      Type.Literal("email_changed"),
      /** The user was linked to a person of a corporate directory, who may not be who began the session. */
      Type.Literal("linked"),
      Type.Literal("admin"),
      Type.Literal("reuse"),
      Type.Literal("expired"),
    ]),
  }),
  /**
   * The first failure past the limit. Further failures append no event until the counter has expired or was reset by a
   * superuser.
   */
  "login.throttled": closed({
    scope: Type.Union([
      Type.Literal("account"),
      Type.Literal("address"),
      Type.Literal("device"),
      Type.Literal("proof"),
      Type.Literal("code"),
    ]),
    /** Null when no user has the name, and when an address is throttled. */
    user_id: Nullable(Id),
    failures: Type.Integer(),
  }),
  /** A superuser let the user try again at once. */
  "login.throttle_lifted": closed({ user_id: Id }),
  "mfa.enabled": closed({ user_id: Id, factor: Type.Literal("totp") }),
  "mfa.disabled": closed({ user_id: Id, factor: Type.Literal("totp") }),
  "mfa.recovery_codes_renewed": closed({ user_id: Id }),
  "session.reuse_detected": closed({ user_id: Id, session_id: Id }),
  "role.created": closed({ role_id: Id, name: Type.String() }),
  "role.deleted": closed({ role_id: Id, name: Type.String() }),
  ...organizationEvents,
  "key.published": closed({ kid: Type.String() }),
  "key.activated": closed({ kid: Type.String() }),
  /** The key signs no more. Tokens that it signed are accepted until `expires_at`. */
  "key.retired": closed({ kid: Type.String(), expires_at: added(Type.String()) }),
  "key.revoked": closed({ kid: Type.String() }),
} as const;

/** What a user authenticated with. */
export type LoginMethod = Static<typeof LoginMethod>;
/** What the user authenticated with in addition. */
export type SecondFactor = Static<typeof SecondFactor>;

/** Why a session ended. */
export type SessionEndReason = Static<(typeof identityEvents)["session.revoked"]>["reason"];
