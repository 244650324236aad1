import type { Database } from "@stoa/db";
import type { KeyedTable } from "./keyed-table.ts";

/** The keys of the rows that a table does not have alike in two databases. */
export async function differences(
  table: KeyedTable,
  live: Database,
  beside: Database,
  { onlyMissing = false } = {},
): Promise<Set<string>> {
  const found = new Set<string>();
  let after: string | undefined;
  for await (const theirs of table.rows(live)) {
    const last = theirs.at(-1)?.[0];
    const known = new Map(theirs.map(([key, values]) => [key, JSON.stringify(values)]));
    for await (const ours of table.rows(beside, after, last)) {
      for (const [key, values] of ours) {
        const its = known.get(key);
        if (its === undefined || (!onlyMissing && its !== JSON.stringify(values))) found.add(key);
        known.delete(key);
      }
    }
    if (!onlyMissing) for (const key of known.keys()) found.add(key);
    after = last;
  }
  for await (const ours of table.rows(beside, after)) for (const [key] of ours) found.add(key);
  return found;
}
