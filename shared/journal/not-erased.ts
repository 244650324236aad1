import { composeOnce, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "./command.ts";

/**
 * The part of a command that its user was not erased after their token was verified: what they would make now, no reaction
 * to their erasure would take away any more. It is refused as every later request of theirs is. A user whom the service has
 * yet to hear of is not erased.
 *
 * It is for services that keep identity's users in a table `directory`. A membership that ends with the erasure makes it
 * needless; a superuser's rights do not end so.
 *
 * @example
 * const parts: Part[] = [notErased(actor), change];
 */
export function notErased({ user_id }: { readonly user_id: string }) {
  return { guard: unlessErased({ user_id }), why: () => new StoaError("session_revoked") } satisfies Part;
}

const unlessErased = composeOnce(
  (value: (name: "user_id") => Sql) =>
    sql`not exists (select 1 from directory where user_id = ${value("user_id")} and erased_at is not null)`,
);
