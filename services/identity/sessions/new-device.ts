import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { defused } from "@stoa/mail/defuse";
import type { Deps } from "../deps.ts";
import { tellUser } from "../mail/tell.ts";
import { deviceHash } from "../throttle/keys.ts";
import { knownSince } from "../throttle/known-device.ts";
import type { StoredUser } from "../users/read.ts";
import { describeDevice } from "./device.ts";

/**
 * The mail that tells a user of a login from a device (address and user agent) that has not logged in within the last 30
 * days. Their very first login needs none. It comes before the statement that remembers the device.
 *
 * @param happened of the login's event
 */
export function newDeviceMail(
  { throttle_key, now }: Pick<Deps, "throttle_key" | "now">,
  cause: Cause,
  { id, username }: Pick<StoredUser, "id" | "username">,
  time: string,
  happened: Sql,
): Sql {
  const device = defused(describeDevice(cause.device_info) ?? "an unknown device");
  const unknown = sql`not exists (select 1 from known_devices where user_id = ${id}
    and device_hash = ${deviceHash(throttle_key, cause)} and last_login_at > ${knownSince(now())})`;
  const again = sql`exists (select 1 from users where id = ${id} and last_login_at is not null)`;
  const notice = {
    subject: "A login from a new device",
    paragraphs: [
      `Somebody logged in to your user from a device that was not used for it of late: ${device}, from the address ${cause.ip_address ?? "unknown"}, at ${time.slice(0, 16).replace("T", " ")} UTC.`,
    ],
    closing: ["If it was not you, choose a new password at once, which ends every other session."],
  };
  return tellUser("new_device", { id, username }, notice, time, sql`${happened} and ${again} and ${unknown}`);
}
