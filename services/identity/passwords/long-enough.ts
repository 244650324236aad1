import { type Sql, sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { isShort } from "./policy.ts";

/**
 * The part of a command that a user still has the second factor on account of which a short password of theirs was accepted.
 * Without a `why`: the password is judged anew.
 *
 * @param keeps another condition, of a row of `users`, without which the command itself would remove the factor
 */
export function longEnough(user_id: string, password: string, keeps: Sql = sql`1`): Part {
  if (!isShort(password)) return {};
  return { guard: sql`exists (select 1 from users where id = ${user_id} and mfa_enabled = 1 and ${keeps})` };
}
