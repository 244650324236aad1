import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import { corporateProof } from "../external/prove.ts";
import { normalPassword } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { readStoredUser, type StoredUser } from "./read-user.ts";

/**
 * The user, if this is their password: their own here, or, for a user of the corporate directory, the one there.
 *
 * @throws StoaError `wrong_password`; `directory_unavailable`; `not_implemented` where passwords cannot be hashed
 */
export async function checkPassword(deps: Deps, user_id: string, password: string): Promise<StoredUser> {
  const user = await readStoredUser(deps.db, user_id);
  const atDirectory = await corporateProof(deps, user_id);
  // Who has no password here is not asked for one, and what nobody has takes the work of a hash.
  if (user.password_hash !== null || !atDirectory) {
    if (await requirePasswords(deps).verify(normalPassword(password), user.password_hash)) return user;
  }
  if (atDirectory && (await atDirectory(password))) return user;
  throw new StoaError("wrong_password");
}
