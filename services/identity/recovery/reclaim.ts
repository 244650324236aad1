import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append, type Part } from "@stoa/journal";
import { factorRemoved } from "../mfa/change.ts";
import type { StoredUser } from "../users/read.ts";

/**
 * The part of a password reset that removes what somebody else may have set, if the address was not verified until now:
 * whoever registered an address that is not theirs could otherwise keep its owner out by a second factor, or come back by
 * a corporate login. The full name and bio go too, unless the user was added by a superuser or an import and has never
 * logged in. Sessions, and a new e-mail that waits, end with every reset.
 *
 * It comes before the part that verifies the address.
 */
export function reclaimed(cause: Cause, { id: user_id }: StoredUser, time: string): Part {
  const about = { aggregate_id: user_id, time } as const;
  const holds = (condition: Sql) =>
    sql`exists (select 1 from users where id = ${user_id} and email_verified = 0 and ${condition})`;
  return {
    effects: (happened) => {
      const disabled = append(
        cause,
        { ...about, type: "mfa.disabled", data: { user_id, factor: "totp" } },
        sql`${holds(sql`mfa_enabled = 1`)} and ${happened}`,
      );
      const unlinked = append(
        cause,
        { ...about, type: "user.external_unlinked", data: { user_id } },
        sql`${holds(sql`exists (select 1 from external_identities where user_id = ${user_id})`)} and ${happened}`,
      );
      const named = append(
        cause,
        {
          ...about,
          type: "user.updated",
          data: { user_id, username: sql`(select username from users where id = ${user_id})`, full_name: null },
        },
        sql`${holds(sql`(full_name is not null or bio is not null) and ${setByThemselves(user_id)}`)} and ${happened}`,
      );
      return [
        disabled.statement,
        unlinked.statement,
        named.statement,
        ...factorRemoved(user_id, time, disabled.happened),
        // One that was begun and waits to be confirmed is the same danger.
        sql`delete from totp_factors where user_id = ${user_id} and ${holds(sql`1`)} and ${happened}`,
        sql`delete from known_devices where user_id = ${user_id} and ${holds(sql`1`)} and ${happened}`,
        sql`delete from external_identities where user_id = ${user_id} and ${unlinked.happened}`,
        sql`update users set full_name = null, name_key = null, bio = null, version = version + 1, updated_at = ${time}
          where id = ${user_id} and ${named.happened}`,
      ];
    },
  };
}

/** The condition, of a row of `users`, that whoever registered or logged in may have written the name and bio. */
function setByThemselves(user_id: string): Sql {
  return sql`(last_login_at is not null or exists (select 1 from journal
    where aggregate_id = ${user_id} and type = 'user.registered' and iif(json_valid(data), data ->> '$.source' = 'self', 1)))`;
}
