import { join, type Sql, sql } from "@stoa/db";

/**
 * Selects the rows of tasks, as `rowid`, that have a key, `APP-12`, or one that begins so, or had it in a project that they
 * left: by the project's key and the number in it, which are indexed, and among the former keys.
 *
 * @param text in any case
 * @returns takes a condition of tasks `k`; undefined when the text is no key, or of a project without end
 */
export function rowsWithKey(text: string, how: "exactly" | "beginning"): ((where: Sql) => Sql) | undefined {
  const [, project, digits] = /^([a-z][a-z0-9]{0,9})-([1-9]\d{0,8})$/i.exec(text) ?? [];
  if (project === undefined || digits === undefined) return undefined;
  const numbers = how === "exactly" ? sql`k.number = ${Number(digits)}` : beginningWith(digits);
  const key = text.toUpperCase();
  const former = how === "exactly" ? sql`f.key = ${key}` : sql`f.key >= ${key} and f.key < ${`${key}:`}`;
  return (where) => sql`select k.row as rowid from projects p join tasks k on k.project_id = p.id
      where p.key = ${project.toUpperCase()} and (${numbers}) and ${where}
    union select k.row from task_keys f join tasks k on k.id = f.task_id where ${former} and ${where}`;
}

/** Numbers of nine digits at most that begin so: 12, 120 to 129, 1200 to 1299 … */
function beginningWith(digits: string): Sql {
  const ranges: Sql[] = [];
  for (let first = Number(digits), span = 1; first < 1_000_000_000; first *= 10, span *= 10) {
    ranges.push(sql`k.number between ${first} and ${first + span - 1}`);
  }
  return join(ranges, " or ");
}
