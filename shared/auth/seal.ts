import { deriveKey, type KeyPurpose } from "./derive-key.ts";

/** What texts are sealed for; each purpose has a key of its own. */
export type SealPurpose = Extract<
  KeyPurpose,
  "signing-key-encryption" | "second-factor-encryption" | "webhook-secret-encryption"
>;

const encoder = new TextEncoder();

/**
 * Encrypts a text that is stored: AES-256-GCM under a key derived from `SECRET_KEY`, bound to its name.
 *
 * @param name names the text, a `kid` say: a sealed text opens under no other name
 */
export async function seal(
  secret: string,
  name: string,
  text: string,
  purpose: SealPurpose = "signing-key-encryption",
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(parameters(iv, name), await aesKey(secret, purpose), encoder.encode(text));
  return new Uint8Array([...iv, ...new Uint8Array(sealed)]).toBase64({ alphabet: "base64url" });
}

/** Decrypts a sealed text; undefined when it was sealed with another secret or name, or was changed since. */
export async function unseal(
  secret: string,
  name: string,
  sealed: string,
  purpose: SealPurpose = "signing-key-encryption",
): Promise<string | undefined> {
  const key = await aesKey(secret, purpose);
  try {
    const bytes = Uint8Array.fromBase64(sealed, { alphabet: "base64url" });
    const text = await crypto.subtle.decrypt(parameters(bytes.slice(0, 12), name), key, bytes.slice(12));
    return new TextDecoder().decode(text);
  } catch (error) {
    if (error instanceof Error && /^(Operation|Syntax)Error$/.test(error.name)) return undefined;
    throw error;
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, name: string) {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
}

async function aesKey(secret: string, purpose: SealPurpose): Promise<CryptoKey> {
  const key = await deriveKey(secret, purpose);
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
