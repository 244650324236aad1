import { seal } from "@stoa/auth/seal";
import { type Database, sql } from "@stoa/db";
import type { NewEvent, Part } from "@stoa/journal";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import type { KeyStatus } from "./schema.ts";
import type { SigningKeyRow } from "./table.ts";

/** What keys need. */
export interface KeyDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** `SECRET_KEY`, then `SECRET_KEY_PREVIOUS`. */
  readonly secrets: readonly [string, ...string[]];
  readonly access_token_seconds: number;
}

/** What commands on keys contend for: every one of them changes which key signs or is next. */
export const signingKeysTurn = "signing keys";

/** Makes a new key pair, not stored yet, its private half sealed with the present secret. */
export async function makeKey({ now, secrets }: KeyDeps, status: "active" | "next"): Promise<SigningKeyRow> {
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

/** The event that a key is in the published set from now on. */
export function published({ kid, created_at }: SigningKeyRow): NewEvent<"key.published"> {
  return { type: "key.published", aggregate_id: kid, time: created_at, data: { kid } };
}

/** The event that a key signs from now on. */
export function activated(kid: string, time: string): NewEvent<"key.activated"> {
  return { type: "key.activated", aggregate_id: kid, time, data: { kid } };
}

/** The part of a command that a key still has the status that was read. */
export function hasStatus(kid: string, status: KeyStatus): Part {
  return { guard: sql`exists (select 1 from signing_keys where kid = ${kid} and status = ${status})` };
}
