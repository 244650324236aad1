import { rmSync } from "node:fs";
import { MigrationError, type SchemaSql } from "@stoa/db/migrations";
import {
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
  type DrizzleSQLiteSnapshotJSON as Snapshot,
} from "drizzle-kit/api";
import { childrenFirst } from "./drop-order.ts";
import { lastSnapshot, writeMigration } from "./files.ts";
import type { Source } from "./source.ts";

/** The text of a custom migration's files until a developer has written them; `check` refuses it. */
export const unwritten = "-- Not written yet.";

/** The change that `tables.ts` has and no migration, as drizzle-kit writes it; empty when there is none. */
export async function drift(source: Source): Promise<SchemaSql> {
  const { before, now } = await snapshots(source);
  return between(before, now);
}

/**
 * Writes the next migration of a service from its tables, with the `.down.sql` that undoes it.
 *
 * @returns its tag; null when tables and migrations agree
 * @throws MigrationError when drizzle-kit would rebuild a table
 */
export async function generate(source: Source, title?: string): Promise<string | null> {
  const { before, now } = await snapshots(source);
  const change = await between(before, now);
  if (change.up.length === 0) return null;
  return writeMigration(source, title ?? (lastSnapshot(source) ? "change" : "initial"), change, now);
}

/**
 * Writes a migration for a developer to fill in: for triggers and data, or for a change for which drizzle-kit would
 * rebuild a table. From this migration on, the tables count as they are in `tables.ts`.
 *
 * @returns its tag
 */
export async function generateCustom(source: Source, title: string, content?: SchemaSql): Promise<string> {
  if (!lastSnapshot(source))
    throw new MigrationError(`${source.name} has no migrations; generate without --custom first.`);
  const { now } = await snapshots(source);
  return writeMigration(source, title, content ?? { up: [unwritten], down: [unwritten] }, now);
}

/** Deletes a service's migrations and generates them again: tables, then triggers. Only before the first release. */
export async function generateAfresh(source: Source): Promise<string[]> {
  rmSync(new URL(`${source.name}/`, source.root), { recursive: true, force: true });
  const initial = await generate(source, "initial");
  if (initial === null) throw new MigrationError(`${source.name} has no tables.`);
  const triggers = {
    up: source.extra.flatMap(({ up }) => up),
    down: source.extra.toReversed().flatMap(({ down }) => down),
  };
  return triggers.up.length === 0 ? [initial] : [initial, await generateCustom(source, "triggers", triggers)];
}

async function snapshots(source: Source): Promise<{ before: Snapshot; now: Snapshot }> {
  const before = lastSnapshot(source) ?? { ...(await generateSQLiteDrizzleJson({})), id: zeroId };
  return { before, now: await generateSQLiteDrizzleJson(source.tables, before.id) };
}

/** The id that drizzle-kit gives to the snapshot before the first. */
const zeroId = "00000000-0000-0000-0000-000000000000";

async function between(before: Snapshot, now: Snapshot): Promise<SchemaSql> {
  const up = await changes(before, now);
  if (up.length === 0) return { up: [], down: [] };
  // The statements that undo it lead from the new tables to the old. Drizzle-kit drops tables in the order of names.
  const down = childrenFirst(indexDropsFirst((await changes(now, before)).reverse()), now.tables);
  return { up: up.map(bare), down: down.map(bare) };
}

/** An index that has changed is dropped before the old one, of the same name, is made again. */
function indexDropsFirst(statements: readonly string[]): string[] {
  const drops = (statement: string) => statement.trimStart().startsWith("DROP INDEX");
  return [...statements.filter(drops), ...statements.filter((statement) => !drops(statement))];
}

/** Runs drizzle-kit. It asks whether a new name is an old one renamed, but only in a terminal. */
async function changes(from: Snapshot, to: Snapshot): Promise<string[]> {
  try {
    return await generateSQLiteMigration(from, to);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith("Interactive prompts")) throw error;
    throw new MigrationError(
      "tables.ts has lost and gained names; run `bun run db generate` in a terminal, where it asks which were renamed.",
      { cause: error },
    );
  }
}

const bare = (statement: string) => statement.trim().replace(/;$/, "");
