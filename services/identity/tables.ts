import { guardTable } from "@stoa/journal";

/** Every table of identity's database, for drizzle-kit. */
export { auditedJournal as journal, idempotency, journalIdentity } from "@stoa/journal";
export { mails } from "@stoa/mail/table";
export { externalIdentities } from "./external/table.ts";
export { invitations } from "./invitations/table.ts";
export { signingKeys } from "./keys/table.ts";
export { mfaChallenges, recoveryCodes, totpFactors } from "./mfa/table.ts";
export { organizationMembers, organizations } from "./organizations/table.ts";
export { roles, userRoles } from "./roles/table.ts";
export { sessions } from "./sessions/table.ts";
export { knownDevices, loginAttempts, loginThrottles } from "./throttle/table.ts";
export { tickets } from "./tickets/table.ts";
export { formerUsernames, users } from "./users/table.ts";

/** The rules that abort a command with their own error. */
export const guard = guardTable(["known_event", "last_superuser", "last_owner"]);
