import { type Static, Type } from "@sinclair/typebox";
import { Id, Nullable, OneOf, Patch, Text, Time, Version } from "@stoa/http";

/** A user, to themselves and to superusers. */
export const User = Type.Object(
  {
    id: Id(),
    username: Type.String(),
    email: Nullable(Type.String({ description: "Null for corporate users without one." })),
    email_verified: Type.Boolean({ description: "Whether the user has shown that the address is theirs." }),
    pending_email: Nullable(Type.String({ description: "The new address that waits to be confirmed." })),
    full_name: Nullable(Type.String()),
    bio: Nullable(Type.String({ description: "What the user says of themselves." })),
    is_active: Type.Boolean({ description: "False: disabled, and cannot log in." }),
    is_superuser: Type.Boolean({ description: "Superusers may do everything, everywhere." }),
    roles: Type.Array(Type.String(), { description: "The names of the user's roles." }),
    mfa_enabled: Type.Boolean({ description: "Whether logins ask for a second factor." }),
    last_login_at: Nullable(Time()),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "User" },
);
/** A user, to themselves and to superusers. */
export type User = Static<typeof User>;

/** A user, to others. */
export const DirectoryEntry = Type.Object(
  {
    id: Id(),
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
const Name = Text({ max: 255, description: "The same as `full_name`, for older clients." });
const Bio = Text({ min: 0, max: 20_000, description: "What the user says of themselves." });
/** A password to be, judged by `requireStrong`, which says what is missing. */
export const NewPassword = Text({
  min: 0,
  max: 1_024,
  verbatim: true,
  description: "One that is too short, too common or too easy to guess is refused as `weak_password`.",
});
/** A password that is checked, not chosen. */
export const Password = Text({ max: 1_024, verbatim: true });

/** What it takes to register. */
export const Registration = Type.Object(
  {
    email: Email,
    password: NewPassword,
    username: Type.Optional(Username),
    full_name: Type.Optional(Nullable(FullName)),
    name: Type.Optional(Nullable(Name)),
  },
  { title: "Registration" },
);

const profile = { username: Username, full_name: Nullable(FullName), name: Nullable(Name), bio: Nullable(Bio) };

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
    is_active: Type.Optional(Type.Boolean({ default: true, description: "False: they cannot log in yet." })),
    is_superuser: Type.Optional(Type.Boolean({ default: false })),
    email_verified: Type.Optional(Type.Boolean({ default: false, description: "True: no mail asks to confirm it." })),
    roles: Type.Optional(Type.Array(Text({ max: 255 }), { maxItems: 100, description: "Names of roles that exist." })),
  },
  { title: "UserCreation" },
);

const EmailVerified = Type.Boolean({ description: "Whether the address is known to be theirs." });

/** What a superuser may change of a user; a new e-mail is theirs at once. */
export const UserChange = Patch({ ...profile, email: Nullable(Email), email_verified: EmailVerified }, User);

/** What happens to many users at once. */
export const BulkChange = Type.Object(
  {
    ids: Type.Array(Id(), { minItems: 1, maxItems: 200, uniqueItems: true, description: "The users to change." }),
    action: OneOf(["disable", "enable", "logout"], { description: "`logout` ends all their sessions." }),
  },
  { title: "BulkChange" },
);
/** What happens to many users at once. */
export type BulkChange = Static<typeof BulkChange>;

/** The users that a bulk change was about, in its order. */
export const Users = Type.Object(
  { items: Type.Array(User, { description: "In the order of the ids." }) },
  { title: "Users" },
);

/** Whether a user is superuser. */
export const SuperuserChange = Type.Object(
  { is_superuser: Type.Boolean({ description: "Superusers may do everything, everywhere." }) },
  { title: "SuperuserChange" },
);

/** A user's id in a path. */
export const UserParams = Type.Object({ id: Id({ description: "A user." }) });

/** What the documentation shows. */
export const exampleUser = {
  id: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  username: "ada",
  email: "ada@example.com",
  email_verified: false,
  pending_email: null,
  full_name: "Ada Lovelace",
  bio: null,
  is_active: true,
  is_superuser: false,
  roles: [],
  mfa_enabled: false,
  last_login_at: "2026-11-20T09:00:00.000Z",
  version: 1,
  created_at: "2026-11-20T09:00:00.000Z",
  updated_at: "2026-11-20T09:00:00.000Z",
} satisfies User;
