/** The part of drizzle-kit's snapshot of a schema that is read here: the tables and what they refer to. */
interface Tables {
  readonly [table: string]: { readonly foreignKeys: Readonly<Record<string, { readonly tableTo: string }>> };
}

/**
 * Reorders the DROP TABLE statements so that a table is dropped before the tables that it refers to. SQLite empties a
 * table when it drops it, and that fails when a table that refers to it also refers to one that no longer exists. All
 * other statements keep their places.
 *
 * @param tables the tables before the statements run
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

/** The length of the longest chain of references from a table. A chain ends where it returns to a table that it has. */
function depthOf(name: string, tables: Tables, seen: readonly string[]): number {
  if (seen.includes(name)) return 0;
  const references = Object.values(tables[name]?.foreignKeys ?? {}).map(({ tableTo }) => tableTo);
  return Math.max(0, ...references.map((to) => 1 + depthOf(to, tables, [...seen, name])));
}
