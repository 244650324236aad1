import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";
import { emailKey } from "@stoa/mail/address-key";

/** By which address a user is found from now on; by none for an event that is older than the field. */
const setEmail = (user_id: string, email?: string | null) =>
  sql`update directory set email_key = ${email ? emailKey(email) : null} where user_id = ${user_id} and erased_at is null`;

/** The directory: every user, as identity's events tell of them. */
export const directoryHandlers: readonly Handler[] = [
  on("projection", "user.registered", ({ data }) => [
    sql`insert into directory (user_id, username, full_name, is_active)
      values (${data.user_id}, ${data.username}, ${data.full_name}, 1)
      on conflict (user_id) do update set username = excluded.username, full_name = excluded.full_name, is_active = 1`,
  ]),
  on("projection", "user.updated", ({ data }) => [
    sql`update directory set username = ${data.username}, full_name = ${data.full_name} where user_id = ${data.user_id}`,
    // A superuser may take back that an address is verified. Where one is, the next event says which.
    ...(data.changed?.includes("email_verified") ? [setEmail(data.user_id)] : []),
  ]),
  on("projection", "user.email_verified", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.email_known", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.email_changed", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.disabled", ({ data }) => [
    sql`update directory set is_active = 0 where user_id = ${data.user_id}`,
  ]),
  on("projection", "user.enabled", ({ data }) => [
    sql`update directory set is_active = 1 where user_id = ${data.user_id}`,
  ]),
  // Identity clears the names in its old events too, so a rebuild ends here as well.
  on("projection", "user.erased", ({ data, time }) => [
    sql`update directory set username = null, full_name = null, email_key = null, is_active = 0, erased_at = ${time}
      where user_id = ${data.user_id}`,
  ]),
];
