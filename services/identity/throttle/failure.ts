import { type Database, insertRow, newId, type Sql, sql } from "@stoa/db";
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
  /** What decides whether it is judged at all. */
  readonly judged: readonly ThrottleKey[];
  /** What it counts for. */
  readonly counted: readonly ThrottleKey[];
}

/** Whether a failure was judged; if not, until when nothing is. */
export type Verdict = { readonly judged: true } | { readonly judged: false; readonly blocked_until: string | null };

/**
 * Counts a failure, unless an earlier one has shut the door meanwhile: of attempts at the same time, only as many are
 * answered as if they had come one after the other. One write, whoever the name belongs to.
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
  const row = { id, user_id, name_hash, kind, ip_address, device_info, request_id, time };
  const happened = sql`exists (select 1 from login_attempts where id = ${id})`;
  const results = await db.write([
    insertRow(loginAttempts, row, sql`${latestBlock(judged, time)} is null`),
    ...counted.flatMap((key) => [
      counting(key, user_id, at, happened),
      throttled(cause, key, user_id, time, happened).statement,
    ]),
    sql`select ${latestBlock(judged, time)} as blocked_until`,
  ]);
  if (results[0]?.changes === 1) return { judged: true };
  return { judged: false, blocked_until: (results.at(-1)?.rows[0]?.["blocked_until"] as string | null) ?? null };
}

function counting({ scope, key }: ThrottleKey, user_id: string | null, at: Date, happened: Sql): Sql {
  const time = at.toISOString();
  const forgotten_at = new Date(at.getTime() + rules[scope].quiet * 1_000).toISOString();
  const failures = sql`iif(forgotten_at <= ${time}, 1, failures + 1)`;
  const owner = scope === "address" ? null : user_id;
  return sql`insert into login_throttles (key, scope, user_id, failures, failed_at, forgotten_at)
    select ${key}, ${scope}, ${owner}, 1, ${time}, ${forgotten_at} where ${happened}
    on conflict (key) do update set failures = ${failures}, failed_at = ${time}, forgotten_at = ${forgotten_at},
      blocked_until = ${blockedUntil(scope, failures, time)}`;
}

/** Said once: the count stands at the limit after one failure only, until all are forgotten or lifted. */
function throttled(cause: Cause, { scope, key }: ThrottleKey, user_id: string | null, time: string, happened: Sql) {
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
    sql`${happened} and exists (select 1 from login_throttles where key = ${key} and failures = ${from})`,
  );
}
