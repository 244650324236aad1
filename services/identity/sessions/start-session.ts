import { insertRow, newId, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, EventData } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { type StoredUser, selectUsers } from "../users/read-user.ts";
import { describeDevice } from "./device.ts";
import { firstExpiry, issueTokens } from "./issue-tokens.ts";
import type { Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

/** How a user has proven themselves. */
export interface Proof {
  readonly method: EventData<"session.started">["method"];
  readonly second_factor?: EventData<"session.started">["second_factor"];
  /** What must still hold when the session starts, of the user's row: they have the password that was checked, say. */
  readonly still: Sql;
}

/**
 * Starts a session for who has proven themselves.
 *
 * @throws StoaError `account_disabled`, or `invalid_credentials` when the proof does not hold any more
 */
export async function startSession(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  { method, second_factor = null, still }: Proof,
): Promise<Tokens> {
  const now = deps.now();
  const time = now.toISOString();
  const session = {
    id: newId(),
    user_id: user.id,
    counter: 0,
    auth_time: Math.floor(now.getTime() / 1_000),
    method,
    device_info: describeDevice(cause.device_info),
    ip_address: cause.ip_address,
    created_at: time,
    last_seen_at: time,
    expires_at: firstExpiry(deps, now),
  };
  const event = append(
    { ...cause, actor_id: user.id, session_id: session.id },
    {
      type: "session.started",
      aggregate_id: user.id,
      entity_id: session.id,
      time,
      data: { user_id: user.id, session_id: session.id, method, second_factor },
    },
    sql`exists (select 1 from users where id = ${user.id} and is_active = 1 and ${still})`,
  );
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      insertRow(sessions, session, event.happened),
      sql`update users set last_login_at = ${time} where id = ${user.id} and ${event.happened}`,
    ],
    selectUsers(sql`users.id = ${user.id}`),
  );
  const present = rows[0] as StoredUser | undefined;
  if (!applied || !present) throw new StoaError(present?.is_active === 0 ? "account_disabled" : "invalid_credentials");
  return issueTokens(deps, present, session);
}
