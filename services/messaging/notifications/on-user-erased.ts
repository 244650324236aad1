import { on } from "@stoa/bus/types";
import { sql } from "@stoa/db";

/**
 * What an erased user was notified of goes: nobody can read it, and it names their personal tasks. So does what they chose,
 * which tells of their time zone, and the mails to them.
 */
export const forgetNotifications = on("reaction", "user.erased", ({ data }) => [
  sql`delete from notifications where user_id = ${data.user_id}`,
  sql`delete from notification_preferences where user_id = ${data.user_id}`,
  sql`delete from mails where user_id = ${data.user_id}`,
  sql`delete from mail_digests where user_id = ${data.user_id}`,
]);
