import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { EventData, SecondFactor } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { requireOne, secondProof, selectFactor } from "../mfa/prove.ts";
import { proofAttempt, selectProofBlock } from "../throttle/proof-attempt.ts";
import { checkPassword, samePassword } from "../users/check-password.ts";
import { readStoredUser, selectUser } from "../users/read.ts";
import { issueTokens } from "./issue-tokens.ts";
import { selectSession, sessionLives } from "./read.ts";
import type { Reauthentication, Tokens } from "./schema.ts";
import { passwordIsEnough, secondFactorRequired } from "./step-up.ts";
import { sessions } from "./table.ts";

/** A proof that was right. */
interface Proof {
  readonly method: EventData<"session.reauthenticated">["method"];
  /** The second factor, if that is what was proven: the session is multi-factor from now on. */
  readonly second_factor?: SecondFactor;
  /** What must still hold of it, and what follows from it. */
  readonly parts: readonly Part[];
  /** The error when a part without a `why` does not hold any more: another request has used the code. */
  readonly failed: () => StoaError | Promise<StoaError>;
}

/**
 * Makes the user of the request prove again who they are: tokens of the same session with a fresh `auth_time`. The
 * refresh token is the active one, not rotated, so that a client that keeps its own loses nothing. Who has a second factor
 * proves it: their password alone is refused, right or wrong, before it is looked at.
 *
 * @throws StoaError `step_up_required` for a password where there is a second factor; `wrong_password`, `invalid_code`, `mfa_not_enabled`, `login_throttled`, `session_revoked`
 */
export async function reauthenticate(deps: Deps, actor: Actor, body: Reauthentication): Promise<Tokens> {
  requireOne(body, ["password", "code", "recovery_code"]);
  const { method, second_factor, parts, failed } = await (body.password === undefined
    ? byCode(deps, actor, body)
    : byPassword(deps, actor, body.password));
  const { user_id, session_id } = actor;
  const now = deps.now();
  const fresh: Part = {
    ...sessionLives(session_id),
    effects: (happened) => {
      const auth_time = Math.floor(now.getTime() / 1_000);
      return [
        updateRows(
          sessions,
          { auth_time, ...(second_factor && { second_factor }) },
          sql`id = ${session_id} and ${happened}`,
        ),
      ];
    },
  };
  const rows = await command(
    deps.db,
    actor.cause,
    {
      type: "session.reauthenticated",
      aggregate_id: user_id,
      entity_id: session_id,
      time: now.toISOString(),
      data: { user_id, session_id, method },
    },
    [fresh, ...parts],
    selectSession(session_id),
  );
  if (!rows) throw await failed();
  const [user] = await deps.db.query(selectUser(user_id));
  if (!rows[0] || !user) throw new StoaError("session_revoked");
  return issueTokens(deps, user, rows[0]);
}

async function byPassword(deps: Deps, actor: Actor, password: string): Promise<Proof> {
  const { mfa_enabled } = await readStoredUser(deps.db, actor.user_id);
  if (mfa_enabled === 1) throw secondFactorRequired();
  const user = await checkPassword(deps, actor, password);
  const same = samePassword(user);
  const method = user.password_hash === null ? "external" : "password";
  return { method, parts: [passwordIsEnough(user.id), same], failed: same.why };
}

async function byCode(deps: Deps, actor: Actor, given: Reauthentication): Promise<Proof> {
  const attempt = proofAttempt(deps, actor.cause, "code", actor.user_id);
  const user = sql`${actor.user_id}`;
  const [[factor], [block]] = await deps.db.queryAll([
    selectFactor(user),
    selectProofBlock("code", user, deps.now().toISOString()),
  ]);
  if (!factor) throw new StoaError("mfa_not_enabled");
  attempt.admit(block);
  const failed = () => attempt.failed(new StoaError("invalid_code"));
  const proof = await secondProof(deps, factor, given);
  if (!proof) throw await failed();
  return { method: proof.factor, second_factor: proof.factor, parts: [proof.unused, attempt.right], failed };
}
