import { type SealPurpose, seal, unseal } from "./seal.ts";

/** Encrypts secrets that are stored; it also opens those that the previous `SECRET_KEY` sealed. */
export interface SecretBox {
  /** @param name names the secret, which opens under no other name */
  seal(name: string, text: string): Promise<string>;
  /**
   * @returns the secret, and whether it should be sealed anew
   * @throws Error when no present secret opens it
   */
  open(name: string, sealed: string): Promise<{ readonly text: string; readonly stale: boolean }>;
}

/**
 * A box for one kind of secret.
 *
 * @param secrets `SECRET_KEY`, then `SECRET_KEY_PREVIOUS`
 * @param what one such secret, as an error names it: "a second factor"
 */
export function secretBox(secrets: readonly [string, ...string[]], purpose: SealPurpose, what: string): SecretBox {
  return {
    seal: (name, text) => seal(secrets[0], name, text, purpose),
    async open(name, sealed) {
      for (const [age, secret] of secrets.entries()) {
        const text = await unseal(secret, name, sealed, purpose);
        if (text !== undefined) return { text, stale: age > 0 };
      }
      throw new Error(`SECRET_KEY does not open ${what}; give the earlier one as SECRET_KEY_PREVIOUS.`);
    },
  };
}
