import type { Actor } from "@stoa/auth";
import { newId, select, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying, unmet } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { sessionLives } from "../sessions/read.ts";
import { requireStepUp } from "../sessions/step-up.ts";
import { sessions } from "../sessions/table.ts";
import { proofAttempt, selectProofBlock } from "../throttle/proof-attempt.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import { readStoredUser } from "../users/read.ts";
import { factorAddedMail } from "./notices.ts";
import { newRecoveryCodes, replaceCodes } from "./recovery-codes.ts";
import type { Enrolment, NewRecoveryCodes } from "./schema.ts";
import { totpFactors } from "./table.ts";

/**
 * Begins to enrol an authenticator app: the secret, shown this once. It counts only once a code of the app confirms it;
 * beginning again makes another secret.
 *
 * @throws StoaError `step_up_required`, `mfa_already_enabled`
 */
export async function beginTotp(deps: Deps, actor: Actor): Promise<Enrolment> {
  await requireStepUp(deps, actor);
  const user = await readStoredUser(deps.db, actor.user_id);
  // Loaded when somebody first wants it: few processes ever make a QR code.
  const { newSecret, otpauthUrl } = await import("./totp.ts");
  const { qrSvg } = await import("./qr-svg.ts");
  const secret = newSecret();
  const sealed = await deps.secretBox.seal(user.id, secret);
  const alive = sessionLives(actor.session_id);
  const [begun] = await deps.db.write([
    sql`insert into totp_factors (user_id, secret, created_at) select id, ${sealed}, ${deps.now().toISOString()}
      from users where id = ${user.id} and mfa_enabled = 0 and ${alive.guard}
      on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at
        where confirmed_at is null`,
  ]);
  if (begun.changes !== 1) {
    const ended = await unmet(deps.db, [alive]);
    throw ended?.why() ?? new StoaError("mfa_already_enabled");
  }
  const otpauth_url = otpauthUrl(secret, user.email ?? user.username);
  return { secret, otpauth_url, qr_svg: qrSvg(otpauth_url) };
}

/**
 * Confirms the app by a code of it, which is used up by that: from now on every login asks for one. The recovery codes
 * are shown this once. Every other session of the user ends, and a new e-mail that waits is taken back: whoever began
 * them may have known no more than the password. This session has proven the factor, as it would by a code at
 * `reauthenticate`: that counts at once, and its next tokens say so.
 *
 * @throws StoaError `session_revoked`, `invalid_code`, `login_throttled`, `mfa_not_enabled`, `mfa_already_enabled`
 */
export async function confirmTotp(deps: Deps, actor: Actor, code: string): Promise<NewRecoveryCodes> {
  const { user_id, session_id, cause } = actor;
  const attempt = proofAttempt(deps, cause, "code", user_id);
  const [[factor], [block]] = await deps.db.queryAll([
    select(getTableColumns(totpFactors), sql`from ${totpFactors} where user_id = ${user_id}`),
    selectProofBlock("code", sql`${user_id}`, deps.now().toISOString()),
  ]);
  if (!factor) throw new StoaError("mfa_not_enabled");
  if (factor.confirmed_at !== null) throw new StoaError("mfa_already_enabled");
  attempt.admit(block);
  const { text } = await deps.secretBox.open(user_id, factor.secret);
  const { stepOf } = await import("./totp.ts");
  const step = stepOf(text, code, deps.now());
  if (step === undefined) throw await attempt.failed(new StoaError("invalid_code"));
  const codes = newRecoveryCodes();
  const now = deps.now();
  const time = now.toISOString();
  const auth_time = Math.floor(now.getTime() / 1_000);
  const confirmed: Part = {
    guard: sql`exists (select 1 from totp_factors
      where user_id = ${user_id} and secret = ${factor.secret} and confirmed_at is null)`,
    // Another request has confirmed it with the same code, or has begun anew with another secret.
    why: () => new StoaError("invalid_code"),
    effects: (happened) => [
      sql`update totp_factors set confirmed_at = ${time}, last_step = ${step}
        where user_id = ${user_id} and ${happened}`,
      sql`update users set mfa_enabled = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
      ...replaceCodes(user_id, codes, time, happened),
      updateRows(sessions, { second_factor: "totp", auth_time }, sql`id = ${session_id} and ${happened}`),
      ...withdrawTickets(user_id, happened),
      factorAddedMail(user_id, actor.username, time, happened),
    ],
  };
  const event = { type: "mfa.enabled", aggregate_id: user_id, time, data: { user_id, factor: "totp" } } as const;
  const others = { user_id, reason: "mfa_enabled", which: sql`id <> ${session_id}` } as const;
  const revoked = { event_id: newId() };
  const parts = [sessionLives(session_id), confirmed, endsSessions(cause, others, time, revoked.event_id)];
  const rows = await retrying(deps.db, `user ${user_id}`, () =>
    command(deps.db, cause, event, parts, whatHappened(revoked)),
  );
  await announceEnded(deps, cause, others, rows);
  return { recovery_codes: codes };
}
