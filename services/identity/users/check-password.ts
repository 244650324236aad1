import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { proofAttempt, proofBlock } from "../throttle/proof-attempt.ts";
import { proveIdentity } from "./prove-identity.ts";
import { type StoredUser, selectUser } from "./read.ts";

/**
 * The user, if this is their password. Wrong ones are counted: whoever holds a token of someone else does not guess
 * the password with it.
 *
 * @throws StoaError `wrong_password`, `login_throttled`; `directory_unavailable`; `not_implemented` where passwords
 *   cannot be hashed.
 */
export async function checkPassword(
  deps: Deps,
  { user_id, cause }: Pick<Actor, "user_id" | "cause">,
  password: string,
): Promise<StoredUser> {
  const attempt = proofAttempt(deps, cause, "reauthentication", user_id);
  const blocked = proofBlock("reauthentication", sql`${user_id}`, deps.now().toISOString());
  const standing = sql`select ${blocked} as blocked, ${attempt.failedBefore} as failed`;
  const [[user], [before] = []] = await deps.db.queryAll([selectUser(user_id), standing]);
  if (!user) throw new StoaError("not_found");
  attempt.admit(before);
  if (!(await proveIdentity(deps, user, password))) throw await attempt.failed(wrongPassword());
  // Of many at once, those that were wrong may have locked the account while this one was hashed.
  const [after] = await deps.db.query(standing);
  attempt.admit(after);
  // Those that were wrong before are forgotten when there were any, at no cost to anyone else.
  if (after?.["failed"] === 1) await deps.db.write([attempt.succeeded(sql`1`)]);
  return user;
}

/** The part of a command that a user still has the password that `checkPassword` has found right. */
export function samePassword({ id, password_hash }: StoredUser): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${id} and password_hash is ${password_hash})`,
    why: wrongPassword,
  };
}

function wrongPassword(): StoaError {
  return new StoaError("wrong_password");
}
