import type { Passwords } from "./passwords.ts";
import { normalPassword } from "./policy.ts";

/** A password that was right. */
export interface RightPassword {
  /** Ours to keep: the password in NFC; null when the hash did not read all of it, so that nobody knows whether it is right. */
  readonly password: string | null;
}

/**
 * Checks a password as it was typed. Our own hashes are of NFC. A system where a hash was imported from may have hashed what the
 * keyboard sent, or NFKC, so those are tried too.
 *
 * @returns undefined when it is wrong
 * @throws StoaError `unavailable` when too many wait already
 */
export async function checkSpellings(
  passwords: Passwords,
  typed: string,
  hash: string | null,
): Promise<RightPassword | undefined> {
  const normal = normalPassword(typed);
  const imported = hash !== null && !passwords.isPresent(hash);
  const tried = imported ? new Set([normal, typed, typed.normalize("NFKC")]) : [normal];
  for (const spelling of tried) {
    if (await passwords.verify(spelling, hash)) return { password: imported && isCut(hash, spelling) ? null : normal };
  }
  return undefined;
}

/** bcrypt reads 72 bytes: whatever follows them was never compared, and is not to become the password. */
function isCut(hash: string, password: string): boolean {
  return /^(bcrypt\$)?\$2/.test(hash) && new TextEncoder().encode(password).length > 72;
}
