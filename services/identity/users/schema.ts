import { type Static, Type } from "@sinclair/typebox";
import {
  Id,
  listQuery,
  Nullable,
  OneOf,
  Patch,
  QueryBoolean,
  QueryList,
  QueryText,
  Text,
  Time,
  Version,
} from "@stoa/http";
import { normalUsername } from "./names.ts";

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
/** Characters that no address has here: white space, controls, what nobody sees, and those with a meaning in the header of a mail. */
const unfit = '\\s\\u0000-\\u001f\\u007f-\\u009f\\p{Default_Ignorable_Code_Point}@"<>()\\[\\],;:\\\\';
const letters = `[^${unfit}]`;
/** The dots of a domain (UTS #46, section 4, the mapping of U+3002, U+FF0E and U+FF61): `emailKey` takes them for one. */
const dots = ".\\u3002\\uff0e\\uff61";
const labels = `[^${unfit}${dots}]+`;
/** An e-mail address. */
export const Email = Text({
  min: 3,
  max: 254,
  pattern: `^${letters}+@${labels}([${dots}]${labels})+$`,
  message: "This is not an e-mail address.",
});
/** A password to be, checked by `requireStrong`, which says what is missing. */
export const NewPassword = Text({
  min: 0,
  max: 3_000,
  verbatim: true,
  description: "One that is too short, too long, too common or too easy to guess is refused as `weak_password`.",
});
/** A password that is checked, not chosen. */
export const Password = Text({ max: 1_024, verbatim: true });

/** What users say of themselves. */
const profile = {
  full_name: Nullable(Text({ max: 255 })),
  bio: Nullable(Text({ min: 0, max: 20_000, lines: true, description: "What the user says of themselves." })),
  username: Username,
};
/** The same in a body, where `name` is an older word for `full_name`. */
const sent = {
  ...profile,
  name: Nullable(Text({ max: 255, description: "The same as `full_name`, for older clients." })),
};

/** What a user begins with. */
const beginning = {
  email: Email,
  password: NewPassword,
  username: Type.Optional(Username),
  full_name: Type.Optional(sent.full_name),
  name: Type.Optional(sent.name),
};

/** Body of POST /auth/register. */
export const Registration = Type.Object(
  {
    ...beginning,
    invitation: Type.Optional(
      Text({
        max: 255,
        verbatim: true,
        description: "The token of an invitation that was mailed to this address, which it verifies.",
      }),
    ),
  },
  { title: "Registration" },
);

/** Body of PATCH and PUT /auth/me: a new e-mail waits to be confirmed. */
export const OwnUserPatch = Patch(
  {
    ...sent,
    email: Nullable(Email),
    pending_email: Nullable(
      Type.String({ maxLength: 254, description: "Null takes back a new e-mail that waits to be confirmed." }),
    ),
  },
  User,
  "OwnUserPatch",
);
/** A change of one's own user. */
export type OwnUserPatch = Static<typeof OwnUserPatch>;
/** The names of the fields that it changes at once. */
export const profileFields = Object.keys(profile) as readonly (keyof typeof profile)[];

/** Body of PUT /auth/me/password. */
export const PasswordChange = Type.Object(
  { current_password: Password, new_password: NewPassword },
  { title: "PasswordChange" },
);
/** The present password and the one to come. */
export type PasswordChange = Static<typeof PasswordChange>;

/** Body of DELETE /auth/me: the proof that it is oneself whom one erases. */
export const Erasure = Type.Object({ password: Password }, { title: "Erasure" });

/** Body of POST /auth/users. */
export const NewUser = Type.Object(
  {
    ...beginning,
    is_active: Type.Optional(Type.Boolean({ default: true, description: "False: they cannot log in yet." })),
    is_superuser: Type.Optional(Type.Boolean({ default: false })),
    email_verified: Type.Optional(Type.Boolean({ default: false, description: "True: no mail asks to confirm it." })),
    roles: Type.Optional(
      Type.Array(Text({ max: 255 }), {
        maxItems: 100,
        description: "Names of roles that exist, together at most 4,096 bytes as JSON.",
      }),
    ),
  },
  { title: "NewUser" },
);
/** The body of POST /auth/users. */
export type NewUser = Static<typeof NewUser>;

const address = {
  email: Nullable(Email),
  email_verified: Type.Boolean({ description: "Whether the address is known to be theirs." }),
};

/** Body of PATCH and PUT /auth/users/{id}: a new e-mail is theirs at once. */
export const UserPatch = Patch({ ...sent, ...address }, User);
/** A superuser's change of a user. */
export type UserPatch = Static<typeof UserPatch>;
/** The names of the fields that it changes. */
export const userFields = Object.keys({ ...profile, ...address }) as readonly (
  | keyof typeof profile
  | keyof typeof address
)[];

/** A patch with `name` read as `full_name`, and the username as it is kept. */
export function normalPatch<P extends OwnUserPatch>({ name, ...patch }: P): Omit<P, "name"> {
  const { full_name = name, username } = patch;
  return {
    ...patch,
    ...(full_name !== undefined && { full_name }),
    ...(username !== undefined && { username: normalUsername(username) }),
  };
}

/** Body of POST /auth/users/bulk. */
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

/** Body of PUT /auth/users/{id}/superuser. */
export const SuperuserChange = Type.Object(
  { is_superuser: Type.Boolean({ description: "Superusers may do everything, everywhere." }) },
  { title: "SuperuserChange" },
);

/** Path of one user. */
export const UserParams = Type.Object({ id: Id({ description: "A user." }) });

/** Query of GET /auth/users. */
export const UsersQuery = listQuery({
  q: QueryText({ max: 255, description: "Those with this text in username, e-mail or name." }),
  is_active: QueryBoolean({ description: "`true`: those who can log in; `false`: those who are disabled." }),
  is_superuser: QueryBoolean({ description: "Whether they are superusers." }),
  role: QueryList(Text({ max: 255 }), {
    description: "Those with a role of one of these names. One that has a comma stands in quotes.",
  }),
});
/** The query of GET /auth/users. */
export type UsersQuery = Static<typeof UsersQuery>;

/** Query of GET /auth/directory. */
export const DirectoryQuery = listQuery({
  q: Text({ max: 255, description: "How a username or name begins, or an exact username." }),
});
/** The query of GET /auth/directory. */
export type DirectoryQuery = Static<typeof DirectoryQuery>;
