import { type Sql, sql } from "@stoa/db";

/** A role of the directory, and the role that whoever has it gets here; `superuser` makes them superusers. */
export interface RoleRule {
  /** As the directory names it. */
  readonly directory: string;
  readonly role: string;
}

/** What an operator has decided about people who log in by the corporate directory. */
export interface CorporateRules {
  /** `CORPORATE_LOCAL_PASSWORDS`: whether they may also have a password here. */
  readonly local_passwords: boolean;
  /** `CORPORATE_SESSION_DAYS`: how long a session lasts, however often it is refreshed. */
  readonly session_days: number;
  /** `CORPORATE_ROLES`. */
  readonly roles: readonly RoleRule[];
}

/**
 * The condition that a user has their password in the directory alone. An address that was never verified is another matter:
 * a reset verifies it, and removes the link with all that was set before.
 */
export function passwordElsewhere({ local_passwords }: CorporateRules, user_id: string): Sql {
  if (local_passwords) return sql`0`;
  return sql`exists (select 1 from external_identities e join users u on u.id = e.user_id
    where e.user_id = ${user_id} and (u.email_verified = 1 or u.email is null))`;
}
