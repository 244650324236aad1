import { insertRow, newId, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, LoginMethod, SecondFactor } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { type StoredUser, selectUser } from "../users/read.ts";
import { users } from "../users/table.ts";
import { describeDevice } from "./device.ts";
import { firstExpiry, issueTokens } from "./issue-tokens.ts";
import { newDeviceMail } from "./new-device.ts";
import type { Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

/** A login whose proofs were right. */
export interface Proven {
  readonly method: LoginMethod;
  readonly second_factor?: SecondFactor;
  /** What must still hold of the proofs, and what follows from them. */
  readonly parts: readonly Part[];
  /** Parts whose effects come before those of the session: what ends others leaves this one alone. */
  readonly before?: readonly Part[];
}

/**
 * Starts a session for a user whose proofs were right, with a second factor if they have one: logins go through
 * `finishLogin`, which asks for it.
 *
 * @returns undefined when a proof does not hold any more: read again and decide anew
 * @throws StoaError `account_disabled`
 */
export async function startSession(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  { method, second_factor, parts, before = [] }: Proven,
): Promise<Tokens | undefined> {
  const now = deps.now();
  const time = now.toISOString();
  const session = {
    id: newId(),
    user_id: user.id,
    counter: 0,
    auth_time: Math.floor(now.getTime() / 1_000),
    method,
    second_factor: second_factor ?? null,
    device_info: describeDevice(cause.device_info),
    ip_address: cause.ip_address,
    created_at: time,
    last_seen_at: time,
    expires_at: firstExpiry(deps, now, method),
  };
  const active: Part = {
    guard: sql`not exists (select 1 from users where id = ${user.id} and is_active = 0)`,
    why: () => new StoaError("account_disabled"),
  };
  const started: Part = {
    // Nor were they erased meanwhile: then nobody has the name.
    guard: sql`exists (select 1 from users where id = ${user.id} and mfa_enabled = ${second_factor !== undefined})`,
    effects: (happened) => [
      insertRow(sessions, session, happened),
      newDeviceMail(deps, cause, user, time, happened),
      updateRows(users, { last_login_at: time }, sql`id = ${user.id} and ${happened}`),
    ],
  };
  const rows = await command(
    deps.db,
    { ...cause, actor_id: user.id, session_id: session.id },
    {
      type: "session.started",
      aggregate_id: user.id,
      entity_id: session.id,
      time,
      data: { user_id: user.id, session_id: session.id, method, second_factor: session.second_factor },
    },
    [active, ...before, started, ...parts],
    selectUser(user.id),
  );
  return rows?.[0] && issueTokens(deps, rows[0], session);
}
