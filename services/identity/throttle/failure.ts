import { computed, type Database, insertRow, newId, raw, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append } from "@stoa/journal";
import { latestBlock, type ThrottleKey } from "./keys.ts";
import { blockedUntil, rules } from "./rules.ts";
import { type AttemptKind, loginAttempts } from "./table.ts";

/** A proof that failed. */
export interface Failure {
  readonly kind: AttemptKind;
  readonly user_id: string | null;
  readonly name_hash: string | null;
  /** Blocks of these keys decide whether the proof is judged at all. */
  readonly judged: readonly ThrottleKey[];
  /** What the failure is counted under. */
  readonly counted: readonly ThrottleKey[];
}

/** Whether a failure was judged; if not, until when no proof is. */
export type Verdict = { readonly judged: true } | { readonly judged: false; readonly blocked_until: string | null };

/**
 * Counts a failure, unless an earlier one has blocked the attempt meanwhile: of attempts at the same time, only as many
 * are answered as if they had come one after the other. It is one write, whether a user has the name or not.
 */
export async function recordFailure(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  cause: Cause,
  { kind, user_id, name_hash, judged, counted }: Failure,
): Promise<Verdict> {
  const at = now();
  const time = at.toISOString();
  const id = newId();
  const { ip_address, device_info, request_id } = cause;
  const row = { id, user_id: unlessErased(user_id), name_hash, kind, ip_address, device_info, request_id, time };
  const recorded = sql`exists (select 1 from login_attempts where id = ${id})`;
  const block = latestBlock(judged, time);
  const [inserted, blocked] = await db.write([
    insertRow(loginAttempts, row, sql`${block} is null`),
    // Only asked for when nothing was inserted: then the statements below write nothing either.
    select({ until: computed<string | null>(block) }, raw("")),
    ...counted.flatMap((key) => [
      counting(key, user_id, at, recorded),
      throttled(cause, key, user_id, time, recorded).statement,
    ]),
  ]);
  if (inserted.changes === 1) return { judged: true };
  return { judged: false, blocked_until: blocked.rows[0]?.until ?? null };
}

/** A row of `login_attempts` about a right password that was not enough. It counts as nobody's failure. */
export function rightPassword(
  { ip_address, device_info, request_id }: Cause,
  user_id: string,
  kind: Extract<AttemptKind, "factor_missing" | "disabled">,
  time: string,
) {
  const whose = unlessErased(user_id);
  return { id: newId(), user_id: whose, name_hash: null, kind, ip_address, device_info, request_id, time };
}

/** Whoever is erased between a proof and its failure is not named any more. */
function unlessErased(user_id: string | null): Sql | null {
  return user_id === null ? null : sql`(select id from users where id = ${user_id})`;
}

/** The error of an attempt that is not judged, with the seconds to wait in `Retry-After`. */
export function throttledError(blocked_until: string, now: Date): StoaError {
  const seconds = Math.max(1, Math.ceil((Date.parse(blocked_until) - now.getTime()) / 1_000));
  return new StoaError("login_throttled", { headers: { "retry-after": String(seconds) } });
}

function counting({ scope, key }: ThrottleKey, user_id: string | null, at: Date, recorded: Sql): Sql {
  const time = at.toISOString();
  const forgotten_at = new Date(at.getTime() + rules[scope].quiet * 1_000).toISOString();
  const failures = sql`iif(forgotten_at <= ${time}, 1, failures + 1)`;
  const owner = scope === "address" ? null : unlessErased(user_id);
  return sql`insert into login_throttles (key, scope, user_id, failures, failed_at, forgotten_at)
    select ${key}, ${scope}, ${owner}, 1, ${time}, ${forgotten_at} where ${recorded}
    on conflict (key) do update set failures = ${failures}, failed_at = ${time}, forgotten_at = ${forgotten_at},
      blocked_until = ${blockedUntil(scope, failures, time)}`;
}

/** The event comes once: the count equals the limit after one failure only, until all are forgotten or lifted. */
function throttled(cause: Cause, { scope, key }: ThrottleKey, user_id: string | null, time: string, recorded: Sql) {
  const owner = scope === "address" ? null : user_id;
  const { from } = rules[scope];
  return append(
    cause,
    {
      type: "login.throttled",
      aggregate_id: owner ?? key,
      time,
      data: { scope, user_id: owner, failures: from },
    },
    sql`${recorded} and exists (select 1 from login_throttles where key = ${key} and failures = ${from})`,
  );
}
