import type { Actor } from "@stoa/auth";
import { computed, pickColumns, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { eventEntries, failureEntries, shapeEntry } from "../audit/entry.ts";
import type { StoreDeps } from "../deps.ts";
import { externalIdentities } from "../external/table.ts";
import { ownColumns } from "../invitations/own.ts";
import { isOpen } from "../invitations/read.ts";
import { invitations } from "../invitations/table.ts";
import { recoveryCodes, totpFactors } from "../mfa/table.ts";
import { organizationMembers } from "../organizations/table.ts";
import { liveSessions, sessionColumns, shapeSession } from "../sessions/list.ts";
import { sessions } from "../sessions/table.ts";
import { blocksAt } from "../throttle/keys.ts";
import { loginAttempts, loginThrottles } from "../throttle/table.ts";
import { selectUser, shapeUser } from "../users/read.ts";
import { formerUsernames } from "../users/table.ts";
import type { Overview } from "./schema.ts";

/** Rows of each kind: whoever must see more has a list for it. */
const AT_MOST = 20;

/**
 * What a superuser must know of a person, in one read: who they are, how they prove it, where they are logged in, what was
 * tried and what happened of late. Of each kind the newest twenty.
 *
 * @throws StoaError `not_found`.
 */
export async function readOverview({ db, now }: StoreDeps, actor: Actor, user_id: string): Promise<Overview> {
  const at = now();
  const time = at.toISOString();
  const theirs = sql`user_id = ${user_id}`;
  const newest = (order: Sql) => sql`order by ${order} limit ${AT_MOST}`;
  const address = sql`(select email_key from users where users.id = ${user_id})`;
  const [[user], live, factors, [codes], links, throttles, attempts, memberships, got, sent, names, events] =
    await db.queryAll([
      selectUser(user_id),
      select(
        sessionColumns,
        sql`from ${sessions} where ${theirs} and ${liveSessions(at)} ${newest(sql`created_at desc, id desc`)}`,
      ),
      select(pickColumns(totpFactors, { created_at: 1, confirmed_at: 1 }), sql`from ${totpFactors} where ${theirs}`),
      select({ left: computed<number>(sql`count(*)`) }, sql`from ${recoveryCodes} where ${theirs}`),
      select(
        pickColumns(externalIdentities, { origin: 1, username: 1 }),
        sql`from ${externalIdentities} where ${theirs}`,
      ),
      select(
        {
          ...pickColumns(loginThrottles, { scope: 1, failures: 1, failed_at: 1 }),
          blocked_until: computed<string | null>(sql`iif(${blocksAt(time)}, blocked_until, null)`),
        },
        sql`from ${loginThrottles} where ${theirs} and forgotten_at > ${time} ${newest(sql`failed_at desc`)}`,
      ),
      failureEntries(sql`${theirs} ${newest(sql`${loginAttempts.time} desc`)}`),
      select(
        {
          organization_id: organizationMembers.organization_id,
          organization_name: computed<string>(
            sql`(select name from organizations where organizations.id = ${organizationMembers.organization_id})`,
          ),
          role: organizationMembers.role,
          joined_at: organizationMembers.joined_at,
        },
        sql`from ${organizationMembers} where ${theirs} ${newest(sql`joined_at desc`)}`,
      ),
      select(ownColumns(at), sql`from ${invitations} where email_key = ${address} ${newest(sql`id desc`)}`),
      select(
        ownColumns(at),
        sql`from ${invitations} where invited_by = ${user_id} and ${isOpen(at)} ${newest(sql`id desc`)}`,
      ),
      select(
        pickColumns(formerUsernames, { username: 1, free_at: 1 }),
        sql`from ${formerUsernames} where ${theirs} and free_at > ${time} ${newest(sql`free_at desc`)}`,
      ),
      eventEntries(sql`(aggregate_id = ${user_id} or entity_id = ${user_id}) ${newest(sql`seq desc`)}`),
    ]);
  if (!user) throw new StoaError("not_found");
  return {
    user: shapeUser(user),
    sessions: live.map((row) => shapeSession(row, actor.session_id, at)),
    factors: factors.map((row) => ({ type: "totp" as const, ...row })),
    recovery_codes_left: codes?.left ?? 0,
    corporate: [...links],
    throttles: [...throttles],
    attempts: attempts.map(shapeEntry),
    memberships: [...memberships],
    invitations: [...got],
    sent_invitations: [...sent],
    former_usernames: [...names],
    audit: events.map(shapeEntry),
  };
}
