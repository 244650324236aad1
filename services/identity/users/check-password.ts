import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { proofAttempt, selectProofBlock } from "../throttle/proof-attempt.ts";
import { proveIdentity } from "./prove-identity.ts";
import { type StoredUser, selectUser } from "./read.ts";

/**
 * Checks the password of the request's user. Wrong ones are counted: someone who holds another user's token cannot guess
 * the password with it.
 *
 * @throws StoaError `wrong_password`, `login_throttled`; `directory_unavailable`; `not_implemented` where passwords
 *   cannot be hashed
 */
export async function checkPassword(
  deps: Deps,
  { user_id, cause }: Pick<Actor, "user_id" | "cause">,
  password: string,
): Promise<StoredUser> {
  const attempt = proofAttempt(deps, cause, "reauthentication", user_id);
  const block = selectProofBlock("reauthentication", sql`${user_id}`, deps.now().toISOString());
  const [[user], [before]] = await deps.db.queryAll([selectUser(user_id), block]);
  if (!user) throw new StoaError("not_found");
  attempt.admit(before);
  if (!(await proveIdentity(deps, user, password))) throw await attempt.failed(wrongPassword());
  // Of many requests at once, the wrong ones may have blocked the user while this password was hashed.
  const [after] = await deps.db.query(block);
  attempt.admit(after);
  // Failures before it are forgotten; when there were none, that costs no write.
  if (after?.failures === 1) await deps.db.write([attempt.forget(sql`1`)]);
  return user;
}

/** The part of a command that a user still has the password that `checkPassword` has found right. */
export function samePassword({ id, password_hash }: Pick<StoredUser, "id" | "password_hash">) {
  return {
    guard: sql`exists (select 1 from users where id = ${id} and password_hash is ${password_hash})`,
    why: wrongPassword,
  } satisfies Part;
}

function wrongPassword(): StoaError {
  return new StoaError("wrong_password");
}
