import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { breakpoint, type SchemaSql } from "@stoa/db/migrations";
import { type DrizzleJournal, migrationsRoot, readJournal } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { journalTriggers } from "@stoa/journal";
import { type DrizzleSQLiteSnapshotJSON as Snapshot, generateSQLiteDrizzleJson, generateSQLiteMigration } from "drizzle-kit/api";

/** The first lines of a way back that a person has yet to write; a test refuses them. */
export const unwritten = "-- Write the way back here.";

/** What drizzle-kit makes of a service's `tables.ts` now, against its last migration. */
export async function drift(service: ServiceName): Promise<SchemaSql> {
  const { before, now } = await snapshots(service);
  return between(before, now);
}

/**
 * Writes the next migration of a service from its `tables.ts`.
 *
 * @returns its tag; null when tables and migrations agree.
 */
export async function generate(service: ServiceName, name?: string): Promise<string | null> {
  const { before, now } = await snapshots(service);
  const change = await between(before, now);
  return change.up.length === 0 ? null : write(service, name ?? defaultName(service), change, now);
}

/** Writes an empty migration, for what drizzle has no words for, or one of these statements. */
export async function generateCustom(service: ServiceName, name: string, content?: SchemaSql): Promise<string> {
  const last = lastSnapshot(service);
  if (!last) throw new Error(`There are no migrations for ${service} yet; run generate without --custom first.`);
  const next = { ...last, id: crypto.randomUUID(), prevId: last.id };
  return write(service, name, content ?? { up: ["-- Write the way up here."], down: [unwritten] }, next);
}

/** Throws a service's migrations away and makes them anew: tables first, then triggers. Only before a release. */
export async function generateAfresh(service: ServiceName): Promise<string[]> {
  rmSync(new URL(`${service}/`, migrationsRoot), { recursive: true, force: true });
  const initial = await generate(service, "initial");
  if (initial === null) throw new Error(`services/${service}/tables.ts exports no tables.`);
  return [initial, await generateCustom(service, "triggers", await triggersOf(service))];
}

async function triggersOf(service: ServiceName): Promise<SchemaSql> {
  const parts: SchemaSql[] = [journalTriggers];
  if ("cursors" in (lastSnapshot(service)?.tables ?? {})) {
    parts.push(((await import("@stoa/bus/triggers")) as { cursorTriggers: SchemaSql }).cursorTriggers);
  }
  const own = new URL(`../../../services/${service}/triggers.ts`, import.meta.url);
  if (existsSync(own)) parts.push(((await import(own.href)) as { triggers: SchemaSql }).triggers);
  return { up: parts.flatMap(({ up }) => up), down: parts.reverse().flatMap(({ down }) => down) };
}

async function snapshots(service: ServiceName): Promise<{ before: Snapshot; now: Snapshot }> {
  const tables = (await import(new URL(`../../../services/${service}/tables.ts`, import.meta.url).href)) as Record<string, unknown>;
  const before = lastSnapshot(service) ?? { ...(await generateSQLiteDrizzleJson({})), id: zeroId };
  return { before, now: await generateSQLiteDrizzleJson(tables, before.id) };
}

const zeroId = "00000000-0000-0000-0000-000000000000";

async function between(before: Snapshot, now: Snapshot): Promise<SchemaSql> {
  const up = await generateSQLiteMigration(before, now);
  // Drizzle drops tables in the order in which it made them; referring tables must go first.
  const down = up.length === 0 ? [] : (await generateSQLiteMigration(now, before)).reverse();
  return { up: up.map(trimmed), down: down.map(trimmed) };
}

const trimmed = (statement: string) => statement.trim().replace(/;$/, "");

function lastSnapshot(service: ServiceName): Snapshot | null {
  const last = readJournal(service).entries.at(-1);
  if (!last) return null;
  const file = new URL(`${service}/meta/${numbered(last.idx)}_snapshot.json`, migrationsRoot);
  return JSON.parse(readFileSync(file, "utf8")) as Snapshot;
}

function write(service: ServiceName, name: string, content: SchemaSql, snapshot: Snapshot): string {
  const journal: DrizzleJournal = readJournal(service);
  const idx = journal.entries.length;
  const tag = `${numbered(idx)}_${name}`;
  const folder = new URL(`${service}/`, migrationsRoot);
  mkdirSync(new URL("meta/", folder), { recursive: true });
  journal.entries.push({ idx, version: "6", when: Date.now(), tag, breakpoints: true });
  writeFileSync(new URL(`${tag}.sql`, folder), textOf(content.up));
  writeFileSync(new URL(`${tag}.down.sql`, folder), textOf(content.down));
  writeFileSync(new URL(`meta/${numbered(idx)}_snapshot.json`, folder), json(snapshot));
  writeFileSync(new URL("meta/_journal.json", folder), json(journal));
  return tag;
}

const textOf = (statements: readonly string[]) =>
  `${statements.map((statement) => (statement.startsWith("--") ? statement : `${statement};`)).join(`\n${breakpoint}\n`)}\n`;

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const numbered = (idx: number) => String(idx).padStart(4, "0");

function defaultName(service: ServiceName): string {
  return readJournal(service).entries.length === 0 ? "initial" : "change";
}
