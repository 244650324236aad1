import type { Kept, Purge } from "@stoa/db";
import { keyPurge } from "@stoa/journal";
import { invitationPurge } from "./invitations/purge.ts";
import { mailPurges } from "./mail/purge.ts";
import { challengePurge } from "./mfa/challenge.ts";
import { sessionPurge } from "./sessions/expire.ts";
import { throttlePurges } from "./throttle/purge.ts";
import { formerNamePurge } from "./users/former-names.ts";

/** Every table whose rows go when their time has passed. Maintenance runs them. */
export const purges: readonly Purge[] = [
  keyPurge,
  sessionPurge,
  ...mailPurges,
  ...throttlePurges,
  challengePurge,
  invitationPurge,
  formerNamePurge,
];

/** Every other table, and why it keeps its rows. */
export const kept: Kept = {
  journal: "It is the history, and what other services follow.",
  journal_identity: "It has one row.",
  guard: "It never has a row.",
  users: "A user goes by erasure.",
  external_identities: "They go with their user.",
  totp_factors: "They go with their user, or when the second factor is removed.",
  recovery_codes: "They go with their user, when they are used, and when new ones are made.",
  roles: "An administrator deletes them.",
  user_roles: "They go with their user or role.",
  organizations: "Their owner deletes them.",
  organization_members: "They go with their user or organization.",
  signing_keys: "The key ring deletes a key when its last token has expired.",
};
