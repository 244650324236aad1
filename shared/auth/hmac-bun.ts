/** HMAC-SHA-256 by Bun's own code, in the same turn: a tenth of the time of one in TypeScript. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(new Bun.CryptoHasher("sha256", key).update(message).digest());
}
