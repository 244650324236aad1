import type { Actor } from "@stoa/auth";
import { computed, type Database, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { Deps } from "../deps.ts";
import { users } from "../users/table.ts";
import { invitationWords } from "./words.ts";

const OPEN_MS = 7 * 86_400_000;

/** What the mail with an invitation needs to know. */
interface Invited {
  readonly email: string;
  readonly role: OrganizationRole;
  readonly token: string;
  /** The user who has the address, verified; null: nobody. */
  readonly user_id: string | null;
  /** What the user who sends it is called. */
  readonly inviter: string;
  /** The organization's name. */
  readonly name: string;
}

/** The mail that carries an invitation's token, and until when both are good: seven days. */
export function invitationMail(
  { public_url }: Pick<Deps, "public_url">,
  actor: Actor,
  { email, role, token, user_id, inviter, name }: Invited,
  now: Date,
) {
  const mail = {
    kind: "invitation",
    user_id,
    recipient: email,
    recipient_key: emailKey(email),
    sender_id: actor.user_id,
    content: compose(public_url, invitationWords({ token, role, organization: name, inviter })),
    time: now.toISOString(),
    expires_at: new Date(now.getTime() + OPEN_MS).toISOString(),
  } as const;
  return { expires_at: mail.expires_at, statement: (happened: Sql) => queueMail(mail, happened) };
}

/** The user who has the address, verified; and what the user who invites them is called. */
export async function readPeople(db: Database, { user_id }: Actor, email_key: string) {
  const shape = {
    user_id: computed<string | null>(invited(email_key)),
    inviter: computed<string>(sql`coalesce(full_name, username)`),
  };
  const [people] = await db.query(select(shape, sql`from ${users} where id = ${user_id}`));
  if (!people) throw new StoaError("session_revoked");
  return people;
}

/** The part of a command that an address is still whose it was read to be: its event and its mail name them. */
export function stillTheirs(email_key: string, user_id: string | null): Part {
  return { guard: sql`${invited(email_key)} is ${user_id}` };
}

function invited(email_key: string): Sql {
  return sql`(select id from users where email_key = ${email_key} and email_verified = 1 and is_active = 1)`;
}
