import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import type { StoredUser } from "../users/read.ts";
import { becomesUser, type ExternalPerson, isUnlinked } from "./identity.ts";

/**
 * Links a local user who verified the same address as the directory did.
 *
 * @returns their id; undefined when something changed meanwhile
 * @throws StoaError `account_disabled`.
 */
export async function linkUser(
  { db, now }: StoreDeps,
  cause: Cause,
  person: ExternalPerson,
  { id, email_key, is_active }: StoredUser,
): Promise<string | undefined> {
  if (is_active !== 1) throw new StoaError("account_disabled");
  const { origin } = person;
  const time = now().toISOString();
  const linkable: Part = {
    guard: sql`exists (select 1 from users where id = ${id} and email_key = ${email_key} and email_verified = 1
      and is_active = 1 and ${isUnlinked(origin)})`,
  };
  const rows = await command(
    db,
    { ...cause, actor_id: id },
    { type: "user.external_linked", aggregate_id: id, time, data: { user_id: id, origin } },
    [linkable, becomesUser(person, id, time)],
  );
  return rows && id;
}
