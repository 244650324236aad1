import { type Database, insertRow, type Sql, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { seal } from "./seal.ts";
import { type SigningKeyRow, signingKeys } from "./table.ts";

/** What keys need. */
export interface KeyDeps {
  readonly db: Database;
  readonly now: () => Date;
  /** `SECRET_KEY`, then `SECRET_KEY_PREVIOUS`. */
  readonly secrets: readonly [string, ...string[]];
}

/**
 * Makes the first keys, one that signs and one that is published to sign next, if there is none. Of several
 * processes that start at once one gets through: the guard refuses the others.
 */
export async function mintFirstKeys(deps: KeyDeps): Promise<void> {
  const active = await newKey(deps, "active");
  const next = await newKey(deps, "next");
  const none = sql`not exists (select 1 from signing_keys where status = 'active')`;
  const first = published(active, none);
  const activated = append(system, { ...about(active), type: "key.activated" }, first.happened);
  await commit(deps.db, first, [
    activated.statement,
    published(next, first.happened).statement,
    insertRow(signingKeys, active, first.happened),
    insertRow(signingKeys, next, first.happened),
  ]);
}

function published(key: SigningKeyRow, when: Sql) {
  return append(system, { ...about(key), type: "key.published" }, when);
}

function about({ kid, created_at }: SigningKeyRow) {
  return { aggregate_id: kid, time: created_at, data: { kid } };
}

async function newKey({ now, secrets }: KeyDeps, status: "active" | "next"): Promise<SigningKeyRow> {
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
