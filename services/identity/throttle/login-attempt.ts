import { computed, listed, type RowsOf, type Select, type Sql, select, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { recordFailure, throttledError } from "./failure.ts";
import {
  accountKey,
  addressKey,
  blocksAt,
  deviceHash,
  deviceKey,
  keyedHash,
  latestBlock,
  type ThrottleKey,
} from "./keys.ts";
import { knownSince, rememberDevice } from "./known-device.ts";
import type { AttemptKind } from "./table.ts";

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

/**
 * What {@link loginAttempt} goes by: whose account it is, whether it comes from a known device, and until when each is
 * blocked.
 */
type Blocks = RowsOf<ReturnType<typeof selectBlocks>>;

/** A login before its proof is looked at. */
export interface LoginAttempt {
  /** Reads one row, in the round trip that reads the user. */
  readonly blocks: Select<Blocks>;
  /**
   * Lets the proof be judged.
   *
   * @param row of `blocks`
   * @throws StoaError `login_throttled` with `Retry-After`
   */
  admit(row: Blocks | undefined): AdmittedLogin;
}

/** A login whose proof is judged. */
export interface AdmittedLogin {
  /** The part of what a right proof does that other attempts have not blocked this one meanwhile. */
  readonly unblocked: Pick<Part, "guard">;
  /** The part of a login that is complete, as {@link loginCompleted}. */
  completed(user_id: string): Part;
  /** Counts a wrong proof. @returns what to throw: the given error, or `login_throttled` */
  failed(error: StoaError): Promise<StoaError>;
}

/**
 * Begins a login. Every login that asks for a password goes through this; neither the answers nor the work show whether
 * a user has the name.
 *
 * @example
 * const attempt = loginAttempt(deps, cause, { kind: "password", name, user: sql`select id from users where …` });
 * const [[user], [blocks]] = await deps.db.queryAll([selectUsers(named), attempt.blocks]);
 * const admitted = attempt.admit(blocks);
 * if (!right) throw await admitted.failed(new StoaError("invalid_credentials"));
 */
export function loginAttempt(deps: ThrottleDeps, cause: Cause, { kind, name, user }: Claimant): LoginAttempt {
  const { throttle_key, now } = deps;
  const name_hash = keyedHash(throttle_key, `${kind} ${name}`);
  const device_hash = deviceHash(throttle_key, cause);
  const address = addressKey(throttle_key, cause);
  const at = now();
  const time = at.toISOString();
  return {
    blocks: selectBlocks(user, { name_hash, device_hash, address }, at),
    admit(row) {
      const user_id = row?.user_id ?? null;
      const account = accountKey(user_id ?? name_hash);
      const device = user_id !== null && row?.known === 1 ? deviceKey(user_id, device_hash) : null;
      const strangers = latest([row?.account, row?.address]);
      const blocked = device ? latest([row?.device]) : strangers;
      if (blocked !== null) throw throttledError(blocked, at);
      const judged = device ? [device] : [account, address];
      const counted = device ? [account, address, device] : judged;
      return {
        unblocked: { guard: sql`${latestBlock(judged, time)} is null` },
        completed: (id) => loginCompleted(deps, cause, id, [account]),
        async failed(error) {
          const failure = { kind, user_id, name_hash: user_id === null ? name_hash : null, judged, counted };
          const verdict = await recordFailure(deps, cause, failure);
          // While the account is blocked for strangers, a wrong password gets their answer from a known device too.
          const until = verdict.judged ? strangers : (verdict.blocked_until ?? now().toISOString());
          return until === null ? error : throttledError(until, now());
        },
      };
    },
  };
}

/** @param user selects the id of the user whose name it is */
function selectBlocks(
  user: Sql,
  { name_hash, device_hash, address }: { name_hash: string; device_hash: string; address: ThrottleKey },
  now: Date,
) {
  const block = (key: Sql) =>
    computed<string | null>(
      sql`(select blocked_until from login_throttles where key = ${key} and ${blocksAt(now.toISOString())})`,
    );
  return select(
    {
      user_id: computed<string | null>(sql`who.id`),
      known: computed<number>(sql`exists (select 1 from known_devices
        where user_id = who.id and device_hash = ${device_hash} and last_login_at > ${knownSince(now)})`),
      account: block(sql`${accountKey("").key} || coalesce(who.id, ${name_hash})`),
      address: block(sql`${address.key}`),
      device: block(sql`'device:' || who.id || ':' || ${device_hash}`),
    },
    sql`from (select (${user}) as id) as who`,
  );
}

/**
 * The part of a login that is complete, by whatever proof: the account's failures are forgotten, and its device is
 * known.
 *
 * @param counted what else the failures before it were counted under
 */
export function loginCompleted(
  deps: ThrottleDeps,
  cause: Cause,
  user_id: string,
  counted: readonly ThrottleKey[] = [],
): Part {
  const device_hash = deviceHash(deps.throttle_key, cause);
  const keys = [accountKey(user_id), deviceKey(user_id, device_hash), ...counted].map(({ key }) => key);
  return {
    effects: (happened) => [
      sql`delete from login_throttles where key in ${listed(keys)} and ${happened}`,
      rememberDevice(user_id, device_hash, deps.now(), happened),
    ],
  };
}

function latest(times: readonly (string | null | undefined)[]): string | null {
  return (
    times
      .filter((time) => typeof time === "string")
      .toSorted()
      .at(-1) ?? null
  );
}
