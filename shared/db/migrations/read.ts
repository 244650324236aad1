import { existsSync, readFileSync } from "node:fs";
import type { Migration } from "./migration.ts";
import { migrationsRoot } from "./root-bun.ts";

export { migrationsRoot } from "./root-bun.ts";

/** The contents of `meta/_journal.json`, which drizzle-kit writes. */
export interface DrizzleJournal {
  version: string;
  dialect: string;
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

/** Reads a service's migrations from disk, in order. A missing `.down.sql` is read as empty. */
export function readMigrations(service: string, root: URL = migrationsRoot): Migration[] {
  const folder = new URL(`${service}/`, root);
  return readJournal(service, root).entries.map(({ tag }) => ({
    tag,
    up: readFileSync(new URL(`${tag}.sql`, folder), "utf8"),
    down: textOf(new URL(`${tag}.down.sql`, folder)),
  }));
}

/** The list of a service's migrations, without their text. */
export function readJournal(service: string, root: URL = migrationsRoot): DrizzleJournal {
  const text = textOf(new URL(`${service}/meta/_journal.json`, root));
  return text === "" ? { version: "7", dialect: "sqlite", entries: [] } : (JSON.parse(text) as DrizzleJournal);
}

/** The tag of the last migration that a service's database must have, for `schemaIsCurrent`. */
export function expectedSchema(service: string, root: URL = migrationsRoot): string {
  const tag = readJournal(service, root).entries.at(-1)?.tag;
  if (tag === undefined) throw new Error(`There are no migrations for ${service}; run \`bun run db generate\`.`);
  return tag;
}

function textOf(file: URL): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
