import { type Sql, sql } from "@stoa/db";

/** Clears where a user acted from, address and device, in all that they ever did: part of erasing them. */
export function forgetAddresses(user_id: string): Sql {
  return sql`update journal set ip_address = null, device_info = null
    where actor_id = ${user_id} and (ip_address is not null or device_info is not null)`;
}
