import type { Principal } from "@stoa/auth";
import { nullable, type RowOf } from "@stoa/db";
import { formerMember } from "@stoa/events";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "./table.ts";

/** The directory on the right of a left join. */
export const d = alias(directory, "d");

/** A user as the directory knows them, by a left join: all null when it does not yet. */
export const personColumns = {
  username: nullable(d.username),
  full_name: nullable(d.full_name),
  is_active: nullable(d.is_active),
  erased_at: nullable(d.erased_at),
};

/** A user as the directory knows them. */
export type PersonRow = RowOf<typeof personColumns> & { readonly user_id: string };

/**
 * A user as others see them. Someone whose registration has not arrived yet can only be the reader (others become
 * members only once they are known), whose token says the name.
 */
export function shapePerson(person: PersonRow, reader: Principal) {
  const { user_id, username, full_name, is_active, erased_at } = person;
  if (erased_at !== null) return { user_id, username: null, full_name: formerMember, is_active: false };
  const unknown = is_active === null;
  return {
    user_id,
    username: unknown && user_id === reader.user_id ? reader.username : username,
    full_name,
    is_active: unknown || is_active === 1,
  };
}
