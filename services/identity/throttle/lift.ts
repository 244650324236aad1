import { type Sql, sql } from "@stoa/db";

/**
 * Forgets all failures that were counted for a user: goes into the batch of a password reset.
 *
 * @param happened of the command's event
 */
export function liftThrottle(user_id: string, happened: Sql): Sql {
  return sql`delete from login_throttles where user_id = ${user_id} and ${happened}`;
}

/**
 * Forgets a user altogether: goes into the batch that erases them. What was counted and where they logged in from is
 * deleted; their failed logins stay for the address's sake, without them.
 */
export function forgetAttempts(user_id: string, happened: Sql): Sql[] {
  return [
    liftThrottle(user_id, happened),
    sql`delete from known_devices where user_id = ${user_id} and ${happened}`,
    sql`update login_attempts set user_id = null, ip_address = null, device_info = null
      where user_id = ${user_id} and ${happened}`,
  ];
}
