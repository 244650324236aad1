import { type Database, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append } from "@stoa/journal";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { seal } from "./seal.ts";
import type { SigningKeyRow } from "./table.ts";

/** What keys need. */
export interface KeyDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** `SECRET_KEY`, then `SECRET_KEY_PREVIOUS`. */
  readonly secrets: readonly [string, ...string[]];
  readonly access_token_seconds: number;
}

/** A new key pair as a row to be, its private half sealed with the present secret. */
export async function newKey({ now, secrets }: KeyDeps, status: "active" | "next"): Promise<SigningKeyRow> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  const created_at = now().toISOString();
  return {
    kid,
    alg: "ES256",
    status,
    public_jwk: JSON.stringify({ ...publicJwk, kid, alg: "ES256", use: "sig" }),
    private_key: await seal(secrets[0], kid, JSON.stringify(await exportJWK(privateKey))),
    created_at,
    activated_at: status === "active" ? created_at : null,
    expires_at: null,
  };
}

/** The event that a key can be found in the published set from now on. */
export function published(cause: Cause, { kid, created_at }: SigningKeyRow, when: Sql) {
  return append(cause, { type: "key.published", aggregate_id: kid, time: created_at, data: { kid } }, when);
}

/** The event that a key signs from now on. */
export function activated(cause: Cause, kid: string, time: string, when: Sql) {
  return append(cause, { type: "key.activated", aggregate_id: kid, time, data: { kid } }, when);
}

/** True while a key stands so. */
export function stands(kid: string, status: SigningKeyRow["status"]): Sql {
  return sql`exists (select 1 from signing_keys where kid = ${kid} and status = ${status})`;
}
