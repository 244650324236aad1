import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { breakpoint, MigrationError, type SchemaSql, statementsOf } from "@stoa/db/migrations";
import { readJournal } from "@stoa/db/migrations/read";
import type { DrizzleSQLiteSnapshotJSON as Snapshot } from "drizzle-kit/api";
import type { Source } from "./source.ts";

/** The tables as the last migration leaves them; null before the first. */
export function lastSnapshot({ name, root }: Source): Snapshot | null {
  const last = readJournal(name, root).entries.at(-1);
  if (!last) return null;
  return JSON.parse(
    readFileSync(new URL(`${name}/meta/${numbered(last.idx)}_snapshot.json`, root), "utf8"),
  ) as Snapshot;
}

/**
 * Adds a migration to a service's folder in drizzle-kit's format, with a `.down.sql` that undoes it.
 *
 * @returns its tag
 */
export function writeMigration({ name, root }: Source, title: string, content: SchemaSql, snapshot: Snapshot): string {
  if (!/^[a-z0-9_]+$/.test(title))
    throw new MigrationError("A migration's name may have only lower-case letters, digits and _.");
  const files = { up: textOf(content.up), down: textOf(content.down) };
  for (const text of Object.values(files)) statementsOf(text);
  const journal = readJournal(name, root);
  const idx = journal.entries.length;
  const tag = `${numbered(idx)}_${title}`;
  journal.entries.push({ idx, version: "6", when: Date.now(), tag, breakpoints: true });
  const folder = new URL(`${name}/`, root);
  mkdirSync(new URL("meta/", folder), { recursive: true });
  writeFileSync(new URL(`${tag}.sql`, folder), files.up);
  writeFileSync(new URL(`${tag}.down.sql`, folder), files.down);
  writeFileSync(new URL(`meta/${numbered(idx)}_snapshot.json`, folder), json(snapshot));
  writeFileSync(new URL("meta/_journal.json", folder), json(journal));
  return tag;
}

function textOf(statements: readonly string[]): string {
  const ended = statements.map((statement) => (statement.startsWith("--") ? statement : `${statement};`));
  return `${ended.join(`\n${breakpoint}\n`)}\n`;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const numbered = (idx: number) => String(idx).padStart(4, "0");
