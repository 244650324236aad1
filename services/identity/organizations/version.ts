import { sql, updateRows } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { organizations } from "./table.ts";

/** The part of a command that counts a change of an organization which its own row does not show, of its members say. */
export function countsAsChange(organization_id: string, time: string): Part {
  return {
    effects: (happened) => [
      updateRows(
        organizations,
        { version: sql`version + 1`, updated_at: time },
        sql`id = ${organization_id} and ${happened}`,
      ),
    ],
  };
}
