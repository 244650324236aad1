import type { Actor } from "@stoa/auth";
import { computed, type Database, insertRow, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, command, type Part, retrying, unmet } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { notMember } from "../members/read.ts";
import { organizationName, shapeOrganization } from "../organizations/read.ts";
import { selectOrganization } from "../organizations/row.ts";
import type { Organization } from "../organizations/schema.ts";
import { organizationMembers, organizations } from "../organizations/table.ts";
import { countsAsChange } from "../organizations/version.ts";
import { hashOf } from "../tickets/token.ts";
import { users } from "../users/table.ts";
import { isAddressed } from "./decline.ts";
import { nothingSince, unbacked } from "./lapse.ts";
import { readOwnInvitation } from "./own.ts";
import { isOpen, setStatus, stillOpen } from "./read.ts";
import { type InvitationRow, invitations } from "./table.ts";

/**
 * Makes the user a member by the token that was mailed to them; their address is verified by that.
 *
 * @throws StoaError `invalid_ticket` for a token that is unknown, used, revoked or too old, whose inviter may no longer
 *   give that role, or after which the user was added or removed otherwise; `forbidden` for one that
 *   was mailed to another address; `already_member`.
 */
export function acceptInvitation(deps: StoreDeps, actor: Actor, token: string): Promise<Organization> {
  const { user_id } = actor;
  const hash = hashOf(token);
  const closed = () => new StoaError("invalid_ticket");
  return retrying(deps.db, `invitation ${hash}`, async () => {
    const found = await find(deps, user_id, sql`${invitations.token_hash} = ${hash}`);
    if (!found) throw closed();
    if (found.open !== 1) throw await whyClosed(deps.db, user_id, found, closed);
    const time = deps.now();
    const addressed = mailedTo(user_id, found.email_key);
    // Another mail may have been sent meanwhile: then only its token is good.
    const present = { guard: holds(found.id, sql`${invitations.token_hash} = ${hash}`), why: closed };
    const more = found.email_verified === 1 ? [] : [verified(actor, time.toISOString())];
    return join(deps, actor, found, { time, closed, addressed, more: [present, ...more] });
  });
}

/**
 * Makes the user a member by an invitation to their address, which they have verified already.
 *
 * @throws StoaError `not_found`; `forbidden` for one to another address, or while theirs is not verified;
 *   `invitation_closed` when it has ended, or is worth nothing any more; `already_member`.
 */
export function acceptOwnInvitation(deps: StoreDeps, actor: Actor, id: string): Promise<Organization> {
  const { user_id } = actor;
  const closed = () => new StoaError("invitation_closed");
  return retrying(deps.db, `invitation ${id}`, async () => {
    await readOwnInvitation(deps, user_id, id);
    const found = await find(deps, user_id, sql`${invitations.id} = ${id}`);
    if (!found) return undefined;
    if (found.open !== 1) throw await whyClosed(deps.db, user_id, found, closed, ["revoked", "accepted"]);
    return join(deps, actor, found, { time: deps.now(), closed, addressed: isAddressed(id, user_id), more: [] });
  });
}

/** An invitation, and what the user who accepts it must show. */
const columns = {
  id: invitations.id,
  organization_id: invitations.organization_id,
  role: invitations.role,
  status: invitations.status,
  email_key: invitations.email_key,
  email_verified: users.email_verified,
};

type Found = NonNullable<Awaited<ReturnType<typeof find>>>;

async function find({ db, now }: StoreDeps, user_id: string, which: Sql) {
  const open = computed<number>(isOpen(now()));
  const source = sql`from ${invitations} join ${organizations} on ${organizations.id} = ${invitations.organization_id}
    join ${users} on ${users.id} = ${user_id} where ${which}`;
  const [invitation] = await db.query(select({ ...columns, open }, source));
  return invitation;
}

/** How somebody accepts: why an invitation that has ended is refused, whose it must be, and what else follows. */
interface Acceptance {
  readonly time: Date;
  readonly closed: () => StoaError;
  readonly addressed: Part;
  readonly more: readonly Part[];
}

async function join(
  { db }: StoreDeps,
  actor: Actor,
  { id, organization_id, role }: Found,
  { time: moment, closed, addressed, more }: Acceptance,
): Promise<Organization | undefined> {
  const { user_id, cause } = actor;
  const time = moment.toISOString();
  const accepted: Part = {
    effects: (happened) => [
      setStatus(id, "accepted", happened),
      insertRow(organizationMembers, { organization_id, user_id, role, joined_at: time }, happened),
    ],
  };
  const rows = await command(
    db,
    cause,
    {
      type: "organization.member_added",
      aggregate_id: organization_id,
      entity_id: user_id,
      organization_id,
      time,
      data: { organization_id, name: organizationName(organization_id), user_id, role, invitation_id: id },
    },
    [
      { ...stillOpen(id, moment), why: closed },
      { guard: holds(id, sql`not ${unbacked}`), why: closed },
      addressed,
      notMember(organization_id, user_id),
      { guard: holds(id, nothingSince(user_id)), why: closed },
      accepted,
      countsAsChange(organization_id, time),
      ...more,
    ],
    selectOrganization(actor, organization_id),
  );
  return rows?.[0] && shapeOrganization(rows[0]);
}

/**
 * Why an invitation cannot be accepted: it has lapsed since its user became a member otherwise, or is worth nothing.
 *
 * @param looked the statuses of which a member is told that they are one
 */
async function whyClosed(
  db: Database,
  user_id: string,
  { status, organization_id }: Pick<InvitationRow, "status" | "organization_id">,
  closed: () => StoaError,
  looked: readonly InvitationRow["status"][] = ["revoked"],
): Promise<StoaError> {
  const stays = looked.includes(status) ? await unmet(db, [notMember(organization_id, user_id)]) : undefined;
  return stays?.why() ?? closed();
}

/** A condition of an invitation: its inviter may still give the role, say. */
function holds(id: string, condition: Sql): Sql {
  return sql`exists (select 1 from ${invitations} where ${invitations.id} = ${id} and ${condition})`;
}

/** The user has the address that the invitation was mailed to. */
function mailedTo(user_id: string, email_key: string): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email_key = ${email_key} and is_active = 1)`,
    why: () => new StoaError("forbidden", { detail: "This invitation was sent to another e-mail address." }),
  };
}

/** The user's address is verified, since they hold what was mailed there. */
function verified({ cause, user_id }: Actor, time: string): Part {
  const data = { user_id, email: sql`(select email from users where id = ${user_id})` };
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email_verified = 0)`,
    effects: (happened) => [
      append(cause, { type: "user.email_verified", aggregate_id: user_id, time, data }, happened).statement,
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  };
}
