import { type Sql, sql } from "@stoa/db";
import { fold } from "@stoa/db/search/fold";
import { isPlain } from "@stoa/mail/address-key";

/** The columns of a full name: as it is shown, and as search compares it. */
export function nameColumns(full_name: string | null): { full_name: string | null; name_key: string | null } {
  return { full_name, name_key: full_name === null || isPlain(full_name) ? null : fold(full_name) };
}

/** The column that follows from a change of the full name; none without one. */
export function nameKeyOf({ full_name }: { readonly full_name?: string | null }): { name_key?: string | null } {
  return full_name === undefined ? {} : { name_key: nameColumns(full_name).name_key };
}

/** The name of a user as search compares it, and as `fold` makes it of what is looked for. */
export const comparedName: Sql = sql`coalesce(name_key, lower(full_name))`;

/** What `like` takes for a text, which may have any character. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
