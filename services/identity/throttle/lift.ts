import { type Sql, sql } from "@stoa/db";

/** Forgets all failures that were counted for a user. @param happened of the command's event */
export function liftThrottle(user_id: string, happened: Sql): Sql {
  return sql`delete from login_throttles where user_id = ${user_id} and ${happened}`;
}

/**
 * Forgets a user who is erased. Their counts and devices are deleted; their failed logins stay, since they also count
 * for an address, but no longer name the user.
 *
 * @param happened of the command's event
 */
export function forgetAttempts(user_id: string, happened: Sql): Sql[] {
  return [
    liftThrottle(user_id, happened),
    sql`delete from known_devices where user_id = ${user_id} and ${happened}`,
    sql`update login_attempts set user_id = null, ip_address = null, device_info = null
      where user_id = ${user_id} and ${happened}`,
  ];
}
