import { type Sql, sql, updateRows } from "@stoa/db";
import { organizations } from "./table.ts";

/** Counts a change of an organization that its own row does not show: of its members. */
export function touchOrganization(id: string, time: string, happened: Sql): Sql {
  return updateRows(organizations, { version: sql`version + 1`, updated_at: time }, sql`id = ${id} and ${happened}`);
}
