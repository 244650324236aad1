import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A token to be mailed: 256 random bits. */
export function newToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What the database keeps of a token, so that nobody who reads it can use it: SHA-256, hex. */
export function hashOf(token: string): string {
  return bytesToHex(sha256(utf8ToBytes(token)));
}
