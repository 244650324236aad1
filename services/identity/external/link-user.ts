import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import type { StoredUser } from "../users/read.ts";
import { type ExternalPerson, isUnknown, keepIdentity } from "./identity.ts";

/** A condition on a row of `users`: they are linked to nobody of that directory. */
export function isUnlinked(origin: string): Sql {
  return sql`not exists (select 1 from external_identities e where e.user_id = users.id and e.origin = ${origin})`;
}

/**
 * Links a local user who verified the same address as the directory did.
 *
 * @returns their id; undefined when something changed meanwhile
 * @throws StoaError `account_disabled`
 */
export async function linkUser({ db, now }: Deps, cause: Cause, person: ExternalPerson, user: StoredUser) {
  if (user.is_active !== 1) throw new StoaError("account_disabled");
  const { origin } = person;
  const time = now().toISOString();
  const event = append(
    { ...cause, actor_id: user.id },
    { type: "user.external_linked", aggregate_id: user.id, time, data: { user_id: user.id, origin } },
    sql`exists (select 1 from users where id = ${user.id} and email_key = ${user.email_key} and email_verified = 1
      and is_active = 1 and ${isUnlinked(origin)}) and ${isUnknown(person)}`,
  );
  const { applied } = await commit(db, event, [keepIdentity(person, user.id, time, event.happened)]);
  return applied ? user.id : undefined;
}
