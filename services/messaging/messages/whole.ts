import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The part of a command that its message was not deleted. */
export function notDeleted(id: string): Part & { readonly guard: Sql } {
  return {
    guard: sql`exists (select 1 from messages where id = ${id} and deleted_at is null)`,
    why: () => new StoaError("message_deleted"),
  };
}
