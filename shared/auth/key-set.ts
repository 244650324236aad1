import { StoaError } from "@stoa/errors";
import { type CryptoKey, importJWK, type JWK } from "jose";

/** A JSON Web Key Set (RFC 7517, section 5). */
export interface JwkSet {
  readonly keys: readonly JWK[];
}

/** The public keys that tokens may be signed with, by `kid`. */
export interface KeySet {
  /** The key with this `kid`; undefined when the set does not have it, even after it was read again. */
  find(kid: string): Promise<CryptoKey | undefined>;
  /** Whether the cached set has the key and is young enough to be used without reading it again. */
  knows(kid: string): boolean;
  /** Reads the set again, whatever its age. When that fails, the last good set stays. */
  reload(): Promise<void>;
}

const MAX_AGE_MS = 5 * 60_000;
const COOLDOWN_MS = 10_000;

/**
 * Caches the keys of a source. The set is read again when it is five minutes old and when a token has an unknown
 * `kid`, but at most every ten seconds, so that forged kids cause no load. When reading fails, the last good set
 * stays; while there is none, `find` throws `unavailable`.
 */
export function keySet(read: () => Promise<JwkSet>, now: () => number): KeySet {
  let keys: ReadonlyMap<string, CryptoKey> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;
  let reading: Promise<void> | undefined;

  const start = async () => {
    triedAt = now();
    try {
      keys = await importKeys(await read());
      readAt = triedAt;
    } catch (error) {
      failure = error;
    }
  };
  const reload = () => {
    // A Worker may not wait for I/O of another request, so there each request reads for itself.
    if (isWorker) return start();
    reading ??= start().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const stale = () => now() - readAt >= MAX_AGE_MS;
  const mayTry = () => reading !== undefined || keys === undefined || now() - triedAt >= COOLDOWN_MS;

  return {
    knows: (kid) => keys?.has(kid) === true && !stale(),
    async find(kid) {
      if ((stale() || !keys?.has(kid)) && mayTry()) await reload();
      if (!keys) {
        throw new StoaError("unavailable", { headers: { "retry-after": "5" }, cause: failure });
      }
      return keys.get(kid);
    },
    async reload() {
      // A read that is under way may have begun before the keys changed.
      await reading;
      await reload();
    },
  };
}

const isWorker = globalThis.navigator?.userAgent === "Cloudflare-Workers";

async function importKeys({ keys }: JwkSet): Promise<ReadonlyMap<string, CryptoKey>> {
  const imported = new Map<string, CryptoKey>();
  for (const { kid, kty, crv, x, y, alg, use } of keys) {
    if (kty !== "EC" || crv !== "P-256" || alg !== "ES256" || (use !== undefined && use !== "sig")) continue;
    if (!kid || !x || !y || imported.has(kid)) continue;
    // Only the public members are imported, so that a set that leaks a private key does not put it into our memory.
    imported.set(kid, (await importJWK({ kty, crv, x, y }, "ES256")) as CryptoKey);
  }
  // Identity always publishes at least one key. An empty set is a fault, and does not mean that all keys were revoked.
  if (imported.size === 0) throw new Error("The key set has no key that signs access tokens.");
  return imported;
}

/** Reads a key set over HTTP. It follows no redirect, waits at most two seconds and accepts at most 64 KiB. */
export function remoteKeys(url: string, fetcher: typeof fetch = fetch): () => Promise<JwkSet> {
  return async () => {
    const response = await fetcher(url, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(2_000),
    });
    if (response.status !== 200) throw new Error(`The key set answered ${response.status}.`);
    const text = await response.text();
    if (text.length > 65_536) throw new Error("The key set is too large.");
    const set: unknown = JSON.parse(text);
    if (typeof set !== "object" || set === null || !("keys" in set) || !Array.isArray(set.keys)) {
      throw new Error("The key set has no keys.");
    }
    return { keys: set.keys };
  };
}
