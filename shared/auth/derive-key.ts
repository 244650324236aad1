/** What keys are derived for. Each purpose has its own label, so that one key reveals nothing about another. */
export type KeyPurpose =
  | "refresh-token"
  | "signing-key-encryption"
  | "second-factor-encryption"
  | "webhook-secret-encryption"
  | "login-throttle"
  | "cursor"
  | "stream-ticket"
  | "invitation"
  | "mail-ticket";

const encoder = new TextEncoder();

/**
 * Derives the 32-byte key of one purpose from `SECRET_KEY` (HKDF-SHA-256, RFC 5869, salt `stoa`).
 *
 * @example
 * const cursorKey = await deriveKey(config.SECRET_KEY, "cursor");
 */
export async function deriveKey(secret: string, purpose: KeyPurpose): Promise<Uint8Array<ArrayBuffer>> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "HKDF", hash: "SHA-256", salt: encoder.encode("stoa"), info: encoder.encode(`stoa ${purpose} v1`) },
    material,
    256,
  );
  return new Uint8Array(bits);
}
