import { type Sql, sql } from "@stoa/db";

/** Clears address and device from all events of a user. It is part of erasing the user. */
export function forgetAddresses(user_id: string): Sql {
  return sql`update journal set ip_address = null, device_info = null
    where actor_id = ${user_id} and (ip_address is not null or device_info is not null)`;
}
