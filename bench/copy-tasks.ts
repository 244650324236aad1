import type { Database } from "bun:sqlite";

/** Columns that a copy always has of its own. */
const own = ["row", "id", "scope", "number", "key", "rank", "priority_order"];
/** Rows in a statement: more do not make it faster. */
const AT_ONCE = 10_000;

/** What a copy has of its own; everything else is the copied task's. */
export type Copy = Readonly<Record<"id" | "rank", string> & Record<"number", number> & Record<string, string | number>>;

/**
 * Copies a task many times, with what triggers make of it: the entries of the indexes and of the search index.
 *
 * @param id the task
 * @param copyOf the n-th copy, from 0; each has the same columns
 */
export function copyTasks(db: Database, id: string, count: number, copyOf: (n: number) => Copy): void {
  for (let n = 0; n < count; ) {
    const copies: Copy[] = [];
    for (const end = Math.min(count, n + AT_ONCE); n < end; n++) copies.push(copyOf(n));
    const named = Object.keys(copies[0] ?? {});
    const rest = db
      .query<{ name: string }, []>("select name from pragma_table_info('tasks')")
      .all()
      .map(({ name }) => name)
      .filter((name) => !own.includes(name) && !named.includes(name));
    const values = named.map((name) => `j.value ->> '${name}'`);
    // The copied task may not be in the search index yet; of ASCII, empty is what the index is made from.
    const copied = rest.map((name) => (name === "folded" ? "coalesce(folded, '')" : name));
    const project = named.includes("project_id") ? "j.value ->> 'project_id'" : "project_id";
    const scope = `(select row from counters where scope_id = ${project})`;
    db.query(`insert into tasks (${[...named, "scope", "key", ...rest].join(", ")})
      select ${[...values, scope, "'COPY-' || (j.value ->> 'number')", ...copied].join(", ")}
      from json_each(?1) j, tasks where tasks.id = ?2 order by j.key`).run(JSON.stringify(copies), id);
  }
}
