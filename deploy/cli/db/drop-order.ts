/** Tables and what they refer to, as far as drizzle-kit's snapshot of a schema is read here. */
interface Tables {
  readonly [table: string]: { readonly foreignKeys: Readonly<Record<string, { readonly tableTo: string }>> };
}

/**
 * The statements with their DROP TABLEs in another order: a table goes before those that it refers to. SQLite empties
 * a table when it drops it, and that fails where a table that refers to it refers to one that has gone already.
 * Everything else keeps its place.
 *
 * @param tables as they are before
 */
export function childrenFirst(statements: readonly string[], tables: Tables): string[] {
  const depths = new Map(Object.keys(tables).map((name) => [name, depthOf(name, tables, [])]));
  const drops = statements
    .filter((statement) => droppedBy(statement) !== undefined)
    .toSorted((a, b) => (depths.get(droppedBy(b) ?? "") ?? 0) - (depths.get(droppedBy(a) ?? "") ?? 0));
  return statements.map((statement) => (droppedBy(statement) === undefined ? statement : (drops.shift() ?? statement)));
}

function droppedBy(statement: string): string | undefined {
  return /^DROP TABLE `([^`]+)`/.exec(statement)?.[1];
}

/** How long the longest chain of references from a table is; one that comes back to where it was ends there. */
function depthOf(name: string, tables: Tables, seen: readonly string[]): number {
  if (seen.includes(name)) return 0;
  const references = Object.values(tables[name]?.foreignKeys ?? {}).map(({ tableTo }) => tableTo);
  return Math.max(0, ...references.map((to) => 1 + depthOf(to, tables, [...seen, name])));
}
