import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import { normalPassword } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { readStoredUser, type StoredUser } from "./read-user.ts";

/**
 * The user, if this is their password.
 *
 * @throws StoaError `wrong_password`; `not_implemented` where passwords cannot be hashed
 */
export async function checkPassword(deps: Deps, user_id: string, password: string): Promise<StoredUser> {
  const passwords = requirePasswords(deps);
  const user = await readStoredUser(deps.db, user_id);
  if (!(await passwords.verify(normalPassword(password), user.password_hash))) throw new StoaError("wrong_password");
  return user;
}
