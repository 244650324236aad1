const PREFIX = "whsec_";
const MADE_BYTES = 32;

/** What a secret looks like: `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks 1.0, "Signature scheme"). */
export const secretPattern = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** A new secret. */
export function newSecret(): string {
  return PREFIX + crypto.getRandomValues(new Uint8Array(MADE_BYTES)).toBase64();
}

/** The bytes that a secret signs with; undefined for what is none. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secretPattern.test(secret)) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(secret.slice(PREFIX.length));
    return bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
