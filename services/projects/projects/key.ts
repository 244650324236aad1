import { type Database, select, sql } from "@stoa/db";
import { projects } from "./table.ts";

/** What a project's key looks like, in any case; it is kept in capitals. */
export const keyPattern = /^[A-Za-z][A-Za-z0-9]{0,9}$/;

/**
 * The key that a name suggests: initials of several words, else the first three letters; `PRJ` when there is nothing
 * of the Latin alphabet in it.
 *
 * @example
 * suggestKey("App") // "APP"
 * suggestKey("Website relaunch 2026") // "WR2"
 */
export function suggestKey(name: string): string {
  const words = name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== "");
  const [first = ""] = words;
  const letters = words.length > 1 ? words.map((word) => word.slice(0, 1)).join("") : first;
  const key = letters.slice(0, words.length > 1 ? 4 : 3);
  if (key === "") return "PRJ";
  return /^[A-Z]/.test(key) ? key : `P${key}`;
}

/** The suggested key, or the first of `APP2`, `APP3` … that is free among the owner's projects. */
export async function freeKey(db: Database, owner_scope: string, name: string): Promise<string> {
  const base = suggestKey(name);
  const { key: taking } = projects;
  const rows = await db.query(
    select(
      { key: taking },
      sql`from ${projects} where owner_scope = ${owner_scope} and ${taking} >= ${base} and ${taking} < ${`${base}:`}`,
    ),
  );
  const taken = new Set(rows.map((row) => row.key));
  if (!taken.has(base)) return base;
  for (let suffix = 2; ; suffix++) {
    const key = `${base}${suffix}`;
    if (!taken.has(key)) return key;
  }
}
