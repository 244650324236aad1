import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";
import { formerMember } from "@stoa/events";

/** Adds or renames a user; one who was erased keeps no name, even if an older event comes late. */
const put = (user_id: string, username: string, full_name: string | null) =>
  sql`insert into directory (user_id, username, full_name) values (${user_id}, ${username}, ${full_name})
    on conflict (user_id) do update set username = excluded.username, full_name = excluded.full_name
    where erased_at is null`;

const setActive = (user_id: string, is_active: boolean) =>
  sql`update directory set is_active = ${is_active} where user_id = ${user_id} and erased_at is null`;

/** Where mails to a user go from now on; nowhere for an event that is older than the field. */
const setEmail = (user_id: string, email: string | null = null) =>
  sql`update directory set email = ${email} where user_id = ${user_id} and erased_at is null`;

/** The directory: every user, as identity's events tell of them. */
export const directoryHandlers: readonly Handler[] = [
  on("projection", "user.registered", ({ data }) => [put(data.user_id, data.username, data.full_name)]),
  on("projection", "user.updated", ({ data }) => [
    put(data.user_id, data.username, data.full_name),
    // A superuser may take back that an address is verified. Where one is, the next event says which.
    ...(data.changed?.includes("email_verified") ? [setEmail(data.user_id)] : []),
  ]),
  on("projection", "user.email_verified", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.email_known", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.email_changed", ({ data }) => [setEmail(data.user_id, data.email)]),
  on("projection", "user.disabled", ({ data }) => [setActive(data.user_id, false)]),
  on("projection", "user.enabled", ({ data }) => [setActive(data.user_id, true)]),
  // Identity clears the names in its old events too, so a rebuild ends here as well.
  on("projection", "user.erased", ({ data, time }) => [
    sql`insert into directory (user_id, full_name, is_active, erased_at) values (${data.user_id}, ${formerMember}, 0, ${time})
      on conflict (user_id) do update set username = null, full_name = excluded.full_name, is_active = 0, email = null,
      erased_at = excluded.erased_at`,
  ]),
];
