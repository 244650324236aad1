import type { Deps } from "../deps.ts";
import { corporateProof } from "../external/prove.ts";
import { requirePasswords } from "../passwords/required.ts";
import { checkSpellings } from "../passwords/spellings.ts";
import type { StoredUser } from "./read.ts";

/**
 * Whether this is a user's password: the one that they have here, or, for a corporate user, the one in the directory.
 *
 * @throws StoaError `directory_unavailable`; `not_implemented` where passwords cannot be hashed.
 */
export async function proveIdentity(deps: Deps, user: StoredUser, password: string): Promise<boolean> {
  const atDirectory = await corporateProof(deps, user.id);
  // A user without a password here is only asked at the directory; without either, it takes the work of a hash.
  if (user.password_hash !== null || !atDirectory) {
    if (await checkSpellings(requirePasswords(deps), password, user.password_hash)) return true;
  }
  return atDirectory ? atDirectory(password) : false;
}
