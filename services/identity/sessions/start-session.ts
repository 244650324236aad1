import { all, insertRow, newId, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, LoginMethod, SecondFactor } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { describeDevice } from "./device.ts";
import { firstExpiry, issueTokens } from "./issue-tokens.ts";
import type { Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

/** How a user has proven themselves. */
export interface Proof {
  readonly method: LoginMethod;
  readonly second_factor?: SecondFactor | null;
  /** What must still hold when the session starts, of the user's row: they have the password that was checked, say. */
  readonly still: Sql;
  /** What else must. */
  readonly guards?: readonly Sql[];
  /** What else happens with it. */
  readonly effects?: (happened: Sql) => readonly Sql[];
}

/**
 * Starts a session for who has proven themselves, with a second factor where they have one: logins go through
 * `finishLogin`, which asks for it.
 *
 * @returns undefined when the proof does not hold any more: read again and decide anew
 * @throws StoaError `account_disabled`
 */
export async function startSession(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  { method, second_factor = null, still, guards = [], effects }: Proof,
): Promise<Tokens | undefined> {
  const now = deps.now();
  const time = now.toISOString();
  const session = {
    id: newId(),
    user_id: user.id,
    counter: 0,
    auth_time: Math.floor(now.getTime() / 1_000),
    method,
    second_factor,
    device_info: describeDevice(cause.device_info),
    ip_address: cause.ip_address,
    created_at: time,
    last_seen_at: time,
    expires_at: firstExpiry(deps, now),
  };
  const mfa = second_factor !== null;
  const event = append(
    { ...cause, actor_id: user.id, session_id: session.id },
    {
      type: "session.started",
      aggregate_id: user.id,
      entity_id: session.id,
      time,
      data: { user_id: user.id, session_id: session.id, method, second_factor },
    },
    all([
      sql`exists (select 1 from users where id = ${user.id} and is_active = 1 and mfa_enabled = ${mfa} and ${still})`,
      ...guards,
    ]),
  );
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      insertRow(sessions, session, event.happened),
      sql`update users set last_login_at = ${time} where id = ${user.id} and ${event.happened}`,
      ...(effects?.(event.happened) ?? []),
    ],
    selectUsers(sql`users.id = ${user.id}`),
  );
  const present = rows[0] as StoredUser | undefined;
  if (present?.is_active === 0) throw new StoaError("account_disabled");
  if (!applied || !present) return undefined;
  return issueTokens(deps, present, session);
}
