import type { AuditEntry } from "./schema.ts";

/** An entry as it is selected: `data` is JSON. */
export type AuditRow = Omit<AuditEntry, "data"> & { readonly data: string };

/** An entry as the contract shows it. */
export function shapeEntry(row: AuditRow): AuditEntry {
  return { ...row, data: JSON.parse(row.data) };
}
