import { Database } from "bun:sqlite";
import type { ServiceName } from "@stoa/events";
import { DamagedEvent, eventData, type WrittenEvent } from "@stoa/journal";

/** How many are named of one journal. */
const MOST = 20;

/**
 * The events of a copied journal that cannot be read, or are missing: a line for each. The copy has them as the database does,
 * so an older backup is needed for them.
 */
export function damagedEvents(path: string, service: ServiceName): string[] {
  const db = new Database(path, { readonly: true });
  try {
    const rows = db.prepare<WrittenEvent, []>(
      "select seq, event_id, type, aggregate_id, time, data from journal order by seq",
    );
    const lines: string[] = [];
    let next = 1;
    for (const row of rows.iterate()) {
      const missing = row.seq > next ? new DamagedEvent({ service, seq: next }, "missing") : undefined;
      for (const damaged of [missing, damageOf(service, row)]) if (damaged) lines.push(damaged.message);
      if (lines.length >= MOST) break;
      next = row.seq + 1;
    }
    return lines;
  } finally {
    db.close();
  }
}

function damageOf(service: ServiceName, row: WrittenEvent): DamagedEvent | undefined {
  try {
    eventData(service, row);
    return undefined;
  } catch (error) {
    if (error instanceof DamagedEvent) return error;
    throw error;
  }
}
