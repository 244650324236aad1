import { type Static, Type } from "@sinclair/typebox";
import { Id, Nullable, OneOf, Patch, Text } from "@stoa/http";

/** A user, to themselves and to superusers. */
export const User = Type.Object(
  {
    id: Type.String(),
    username: Type.String(),
    email: Nullable(Type.String()),
    email_verified: Type.Boolean(),
    pending_email: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    bio: Nullable(Type.String()),
    is_active: Type.Boolean(),
    is_superuser: Type.Boolean(),
    roles: Type.Array(Type.String()),
    mfa_enabled: Type.Boolean(),
    last_login_at: Nullable(Type.String()),
    version: Type.Integer(),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  { title: "User" },
);
/** A user, to themselves and to superusers. */
export type User = Static<typeof User>;

/** A user, to others. */
export const DirectoryEntry = Type.Object(
  {
    id: Type.String(),
    username: Type.String(),
    full_name: Nullable(Type.String()),
  },
  { title: "DirectoryEntry" },
);
/** A user, to others. */
export type DirectoryEntry = Static<typeof DirectoryEntry>;

/** A username in any case; it is kept lower. */
const Username = Text({
  min: 3,
  max: 50,
  pattern: "^[a-zA-Z0-9][a-zA-Z0-9._-]{2,49}$",
  message: "Use 3 to 50 letters, digits, dots, dashes and underscores, beginning with a letter or a digit.",
});
/** Neither white space nor control characters, nor what has a meaning of its own in the header of a mail. */
const unfit = '\\s\\u0000-\\u001f\\u007f-\\u009f@"<>()\\[\\],;:\\\\';
const letters = `[^${unfit}]`;
const labels = `[^${unfit}.]+`;
/** An e-mail address. */
export const Email = Text({
  min: 3,
  max: 254,
  pattern: `^${letters}+@${labels}(\\.${labels})+$`,
  message: "This is not an e-mail address.",
});
const FullName = Text({ max: 255 });
const Bio = Text({ min: 0, max: 20_000 });
/** A password to be, judged by `requireStrong`, which says what is missing. */
export const NewPassword = Text({ min: 0, max: 1_024, verbatim: true });
/** A password that is checked, not chosen. */
export const Password = Text({ max: 1_024, verbatim: true });

/** What it takes to register. */
export const Registration = Type.Object(
  {
    email: Email,
    password: NewPassword,
    username: Type.Optional(Username),
    full_name: Type.Optional(Nullable(FullName)),
    name: Type.Optional(Nullable(FullName)),
  },
  { title: "Registration" },
);

const profile = { username: Username, full_name: Nullable(FullName), name: Nullable(FullName), bio: Nullable(Bio) };

/** What users may change of themselves: a new e-mail too, which then waits to be confirmed. */
export const OwnProfilePatch = Patch({ ...profile, email: Nullable(Email) }, User, "OwnUserPatch");

/** The present password and the one to come. */
export const PasswordChange = Type.Object(
  { current_password: Password, new_password: NewPassword },
  { title: "PasswordChange" },
);

/** The proof that it is oneself whom one erases. */
export const Erasure = Type.Object({ password: Password }, { title: "Erasure" });

/** What a superuser adds a user with. */
export const UserCreation = Type.Object(
  {
    ...Registration.properties,
    is_active: Type.Optional(Type.Boolean()),
    is_superuser: Type.Optional(Type.Boolean()),
    email_verified: Type.Optional(Type.Boolean()),
    roles: Type.Optional(Type.Array(Text({ max: 255 }), { maxItems: 100 })),
  },
  { title: "UserCreation" },
);

/** What a superuser may change of a user; a new e-mail is theirs at once. */
export const UserChange = Patch({ ...profile, email: Nullable(Email), email_verified: Type.Boolean() }, User);

/** What happens to many users at once. */
export const BulkChange = Type.Object(
  {
    ids: Type.Array(Id(), { minItems: 1, maxItems: 200, uniqueItems: true }),
    action: OneOf(["disable", "enable", "logout"]),
  },
  { title: "BulkChange" },
);
/** What happens to many users at once. */
export type BulkChange = Static<typeof BulkChange>;

/** The users that a bulk change was about, in its order. */
export const Users = Type.Object({ items: Type.Array(User) }, { title: "Users" });

/** Whether a user is superuser. */
export const SuperuserChange = Type.Object({ is_superuser: Type.Boolean() }, { title: "SuperuserChange" });

/** A user's id in a path. */
export const UserParams = Type.Object({ id: Id() });
