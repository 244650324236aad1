import type { Actor } from "@stoa/auth";
import { all, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { EventData } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import { requireOne, secondProof, selectFactor } from "../mfa/second-proof.ts";
import type { TotpFactorRow } from "../mfa/table.ts";
import { proofAttempt, proofBlock } from "../throttle/proof-attempt.ts";
import { checkPassword } from "../users/check-password.ts";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { issueTokens } from "./issue-tokens.ts";
import type { Reauthentication, Tokens } from "./schema.ts";
import type { SessionRow } from "./table.ts";

/** A proof that was right. */
interface Proven {
  readonly method: EventData<"session.reauthenticated">["method"];
  readonly still: Sql;
  readonly effects: (happened: Sql) => readonly Sql[];
  /** What it means that the proof does not hold any more. */
  readonly failed: () => Promise<StoaError>;
}

/**
 * Proves again who asks: tokens of the same session with a fresh `auth_time`. The refresh token is the active one,
 * not rotated, so that a client that keeps its own loses nothing.
 *
 * @throws StoaError `wrong_password`, `invalid_code`, `mfa_not_enabled`, `login_throttled`, `session_revoked`
 */
export async function reauthenticate(deps: Deps, actor: Actor, body: Static<typeof Reauthentication>): Promise<Tokens> {
  requireOne(body, ["password", "code", "recovery_code"]);
  const { method, still, effects, failed } = await (body.password === undefined
    ? byCode(deps, actor, body)
    : byPassword(deps, actor, body.password));
  const { user_id, session_id } = actor;
  const now = deps.now();
  const live = sql`exists (select 1 from sessions where id = ${session_id} and ended_at is null)`;
  const event = append(
    actor.cause,
    {
      type: "session.reauthenticated",
      aggregate_id: user_id,
      entity_id: session_id,
      time: now.toISOString(),
      data: { user_id, session_id, method },
    },
    all([live, still]),
  );
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      sql`update sessions set auth_time = ${Math.floor(now.getTime() / 1_000)}
        where id = ${session_id} and ${event.happened}`,
      ...effects(event.happened),
    ],
    sql`select * from sessions where id = ${session_id}`,
  );
  const session = rows[0] as SessionRow | undefined;
  if (!session || session.ended_at !== null) throw new StoaError("session_revoked");
  if (!applied) throw await failed();
  const [user] = await deps.db.query<StoredUser>(selectUsers(sql`users.id = ${user_id}`));
  if (!user) throw new StoaError("session_revoked");
  return issueTokens(deps, user, session);
}

async function byPassword(deps: Deps, actor: Actor, password: string): Promise<Proven> {
  const { id, password_hash } = await checkPassword(deps, actor, password);
  return {
    method: password_hash === null ? "external" : "password",
    still: sql`exists (select 1 from users where id = ${id} and password_hash is ${password_hash})`,
    effects: () => [],
    failed: async () => new StoaError("wrong_password"),
  };
}

async function byCode(deps: Deps, actor: Actor, given: Static<typeof Reauthentication>): Promise<Proven> {
  const attempt = proofAttempt(deps, actor.cause, "code", actor.user_id);
  const [[factor] = [], [standing] = []] = await deps.db.queryAll([
    selectFactor(sql`${actor.user_id}`),
    sql`select ${proofBlock("code", sql`${actor.user_id}`, deps.now().toISOString())} as blocked`,
  ]);
  if (!factor) throw new StoaError("mfa_not_enabled");
  attempt.admit(standing);
  const failed = () => attempt.failed(new StoaError("invalid_code"));
  const proof = await secondProof(deps, factor as TotpFactorRow, given);
  if (!proof) throw await failed();
  return {
    method: proof.factor,
    still: all([proof.still, attempt.still]),
    effects: (happened) => [proof.use(happened), attempt.succeeded(happened)],
    failed,
  };
}
