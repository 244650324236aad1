import { type Row, type Sql, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { recordFailure } from "./failure.ts";
import { accountKey, addressKey, deviceHash, deviceKey, keyedHash, latestBlock } from "./keys.ts";
import { rememberDevice, sinceKnown } from "./known-device.ts";
import type { AttemptKind } from "./table.ts";
import { throttledError } from "./throttled.ts";

/** What the throttle needs. */
export type ThrottleDeps = Pick<Deps, "db" | "now" | "throttle_key">;

/** Someone who says who they are. */
export interface Claimant {
  readonly kind: Extract<AttemptKind, "password" | "external">;
  /** The name as it is looked up, without case: failures of a name that nobody has are counted by it. */
  readonly name: string;
  /** Selects the id of the user whose name it is. */
  readonly user: Sql;
}

/** A login before its proof is looked at. */
export interface LoginAttempt {
  /** Reads one row: goes into the round trip that reads the user. */
  readonly standing: Sql;
  /**
   * Lets the proof be judged.
   *
   * @param row of `standing`
   * @throws StoaError `login_throttled` with `Retry-After`
   */
  admit(row: Row | undefined): AdmittedLogin;
}

/** A login whose proof is judged. */
export interface AdmittedLogin {
  /** Goes into the guards of what a right proof does: nobody has shut the door meanwhile. */
  readonly still: Sql;
  /** Counts a wrong proof. @returns what to throw: the given error, or `login_throttled` */
  failed(error: StoaError): Promise<StoaError>;
  /** What a login that is complete does: the account's failures are forgotten, its device is known. */
  succeeded(user_id: string, happened: Sql): Sql[];
}

/**
 * Begins a login. Every login that asks for a password goes through this; whether the name is anybody's shows neither
 * in the answers nor in the work.
 *
 * @example
 * const attempt = loginAttempt(deps, cause, { kind: "password", name, user: sql`select id from users where …` });
 * const [[user], [standing]] = await deps.db.queryAll([selectUser, attempt.standing]);
 * const admitted = attempt.admit(standing);
 * if (!right) throw await admitted.failed(new StoaError("invalid_credentials"));
 */
export function loginAttempt(deps: ThrottleDeps, cause: Cause, { kind, name, user }: Claimant): LoginAttempt {
  const { throttle_key, now } = deps;
  const name_hash = keyedHash(throttle_key, `${kind} ${name}`);
  const device_hash = deviceHash(throttle_key, cause);
  const address = addressKey(throttle_key, cause);
  const at = now();
  const time = at.toISOString();
  const block = (key: Sql) =>
    sql`(select blocked_until from login_throttles where key = ${key} and blocked_until > ${time})`;

  const standing = sql`select who.id as user_id,
      exists (select 1 from known_devices where user_id = who.id and device_hash = ${device_hash}
        and last_login_at > ${sinceKnown(at)}) as known,
      ${block(sql`${accountKey("").key} || coalesce(who.id, ${name_hash})`)} as account,
      ${block(sql`${address.key}`)} as address,
      ${block(sql`'device:' || who.id || ':' || ${device_hash}`)} as device
    from (select (${user}) as id) as who`;

  return {
    standing,
    admit(row) {
      const user_id = (row?.["user_id"] as string | null | undefined) ?? null;
      const account = accountKey(user_id ?? name_hash);
      const device = user_id !== null && row?.["known"] === 1 ? deviceKey(user_id, device_hash) : null;
      const blocks = device ? [row?.["device"]] : [row?.["account"], row?.["address"]];
      const strangers = latest([row?.["account"], row?.["address"]]);
      const blocked = latest(blocks);
      if (blocked !== null) throw throttledError(blocked, at);
      const judged = device ? [device] : [account, address];
      const counted = device ? [account, address, device] : judged;
      return {
        still: sql`${latestBlock(judged, time)} is null`,
        async failed(error) {
          const failure = { kind, user_id, name_hash: user_id === null ? name_hash : null, judged, counted };
          const verdict = await recordFailure(deps, cause, failure);
          // A known device whose account is shut to strangers hears what they hear, unless it is right.
          const until = verdict.judged ? strangers : (verdict.blocked_until ?? now().toISOString());
          return until === null ? error : throttledError(until, now());
        },
        succeeded: (id, happened) => [
          sql`delete from login_throttles where key = ${account.key} and ${happened}`,
          ...loginSucceeded(deps, cause, id, happened),
        ],
      };
    },
  };
}

/** What every login that is complete does, by whatever proof. */
export function loginSucceeded(deps: ThrottleDeps, cause: Cause, user_id: string, happened: Sql): Sql[] {
  const device_hash = deviceHash(deps.throttle_key, cause);
  const [account, device] = [accountKey(user_id).key, deviceKey(user_id, device_hash).key];
  return [
    sql`delete from login_throttles where key in (${account}, ${device}) and ${happened}`,
    rememberDevice(user_id, device_hash, deps.now(), happened),
  ];
}

function latest(times: readonly unknown[]): string | null {
  const given = times.filter((time): time is string => typeof time === "string");
  return given.toSorted().at(-1) ?? null;
}
