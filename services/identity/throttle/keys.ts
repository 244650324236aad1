import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { hmacSha256 } from "@stoa/auth/hmac";
import { among, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { limitKey } from "@stoa/http/address";
import { LONGEST_WAIT } from "./rules.ts";
import type { AttemptKind, ThrottleScope } from "./table.ts";

/**
 * Proofs of someone who is past the first step or in a session: a code, or the password asked again. Each kind is
 * counted by itself, so that a right password does not pay for wrong codes.
 */
export type ProofKind = Extract<AttemptKind, "code" | "reauthentication">;

/** What failures are counted under. */
export interface ThrottleKey {
  readonly scope: ThrottleScope;
  readonly key: string;
}

/** A keyed hash, 128 bits: a reader of the database cannot try names and addresses without `SECRET_KEY`. */
export function keyedHash(key: Uint8Array, text: string): string {
  return bytesToHex(hmacSha256(key, utf8ToBytes(text)).subarray(0, 16));
}

/** The address a request comes from, as limits count it: IPv6 by /64. */
export function addressKey(key: Uint8Array, { ip_address }: Cause): ThrottleKey {
  const address = limitKey(ip_address ?? undefined);
  return { scope: "address", key: `address:${keyedHash(key, `address ${address}`)}` };
}

/** An account by its user's id, or a name that nobody has by its hash. */
export function accountKey(owner: string): ThrottleKey {
  return { scope: "account", key: `account:${owner}` };
}

/** Proofs of one kind by one user. */
export function proofKey(kind: ProofKind, user_id: string): ThrottleKey {
  return { scope: kind === "code" ? "code" : "proof", key: `proof:${kind}:${user_id}` };
}

/** A device that a user has logged in from. */
export function deviceKey(user_id: string, device_hash: string): ThrottleKey {
  return { scope: "device", key: `device:${user_id}:${device_hash}` };
}

/** Address and user agent of a request. */
export function deviceHash(key: Uint8Array, { ip_address, device_info }: Cause): string {
  return keyedHash(key, `device ${limitKey(ip_address ?? undefined)} ${device_info ?? ""}`);
}

/**
 * The condition that a block holds. One that ends later than any wait was made by a clock that has been set back since; it
 * has ended, or it would last for as long as the clock was wrong.
 */
export function blocksAt(time: string): Sql {
  const latest = new Date(Date.parse(time) + LONGEST_WAIT * 1_000).toISOString();
  return sql`blocked_until > ${time} and blocked_until <= ${latest}`;
}

/** Until when one of these keys is blocked, as a subquery; null when none is. */
export function latestBlock(keys: readonly ThrottleKey[], time: string): Sql {
  return sql`(select max(blocked_until) from login_throttles where ${blocksAt(time)}
    and key in ${among(keys.map(({ key }) => key))})`;
}
