import type { Principal } from "@stoa/auth";

/** A user as the directory knows them, by a left join: all null when it does not yet. */
export interface Person {
  readonly user_id: string;
  readonly username: string | null;
  readonly full_name: string | null;
  /** SQLite's boolean. */
  readonly is_active: number | null;
  readonly erased_at: string | null;
}

/** What stands in place of an erased user's name. */
export const formerMember = "former member";

/**
 * A user as others see them. Someone whose registration has not arrived yet can only be the asker (others become
 * members only once they are known), whose token says the name.
 */
export function shapePerson(person: Person, asker: Principal) {
  const { user_id, username, full_name, is_active, erased_at } = person;
  if (erased_at !== null) return { user_id, username: null, full_name: formerMember, is_active: false };
  const unknown = is_active === null;
  return {
    user_id,
    username: unknown && user_id === asker.user_id ? asker.username : username,
    full_name,
    is_active: unknown || is_active === 1,
  };
}
