import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * The one JSON text of a value: members sorted by UTF-16 code units, no spaces, what JSON leaves out left out.
 *
 * Source: RFC 8785 (JSON canonicalization scheme), section 3.2.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isPlain(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

/** SHA-256 of a value's canonical JSON, in hexadecimal; of nothing for `undefined`. */
export function fingerprint(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(value === undefined ? "" : canonicalJson(value))));
}

/** Whether two values are the same JSON. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return canonicalJson(a) === canonicalJson(b);
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
