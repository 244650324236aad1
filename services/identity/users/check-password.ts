import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { proofAttempt, proofBlock } from "../throttle/proof-attempt.ts";
import { proveIdentity } from "./prove-identity.ts";
import { type StoredUser, selectUser } from "./read.ts";

/**
 * Reads the user, if this is their password. Wrong passwords are counted, so that nobody guesses one with a stolen
 * token.
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
  const throttle = sql`select ${blocked} as blocked, ${attempt.failedBefore} as failed`;
  const [[user], [before] = []] = await deps.db.queryAll([selectUser(user_id), throttle]);
  if (!user) throw new StoaError("not_found");
  attempt.admit(before);
  if (!(await proveIdentity(deps, user, password))) throw await attempt.failed(wrongPassword());
  // Wrong passwords that were sent at the same time may have locked the account while this one was hashed.
  const [after] = await deps.db.query(throttle);
  attempt.admit(after);
  // Earlier failures are forgotten; without any, there is nothing to write.
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
