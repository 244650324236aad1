import type { Database } from "../database.ts";
import { violates } from "../errors.ts";
import { computed, type RowOf, returning } from "../select.ts";
import { raw, type Sql, sql } from "../sql.ts";
import { hashOf, type Migration, statementsOf } from "./migration.ts";

/** The state of a migration in a database. */
export interface MigrationState {
  readonly tag: string;
  /** RFC 3339; null while it has not run. */
  readonly applied_at: string | null;
  /** `edited`: the file has changed since it was applied. `unknown`: it was applied, but there is no such file. */
  readonly drift: "none" | "edited" | "unknown";
}

/** The migrations do not match the database. The message says why, in one sentence. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** How far to migrate. */
export interface MigrateOptions {
  /** The last tag to apply; without it, all are applied. */
  readonly to?: string;
}

/** How far to roll back. */
export interface RollbackOptions {
  /** The tag that stays as the last one. Without it, only the newest is undone; `null` undoes all. */
  readonly to?: string | null;
}

/**
 * Applies the migrations that have not run yet, each with its row in one write batch. Running it again does nothing, and
 * two runs at once do the work once.
 *
 * @returns the tags that this call has applied
 * @throws MigrationError when an applied migration was edited or is unknown here, or there is no migration `to`
 */
export async function migrate(
  db: Database,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<string[]> {
  const last = options.to === undefined ? migrations.length - 1 : indexOf(migrations, options.to);
  await db.write([
    raw(
      "create table if not exists migrations (tag text primary key not null, hash text not null, applied_at text not null)",
    ),
  ]);
  const done: string[] = [];
  while (!(await applyMissing(db, migrations, last, done)));
  return done;
}

/**
 * Undoes migrations, the newest first, each with its row in one write batch. Two runs at once do the work once.
 *
 * @returns the tags that this call has undone
 * @throws MigrationError when there is no migration `to`, or an applied migration was edited or is unknown here, or one
 *   that stands on an undone one was applied meanwhile
 */
export async function rollback(
  db: Database,
  migrations: readonly Migration[],
  options: RollbackOptions = {},
): Promise<string[]> {
  const states = await migrationStates(db, migrations);
  refuseDrift(states);
  const applied = migrations.filter((migration) => states.some((s) => s.tag === migration.tag && s.applied_at));
  const keep = keptBy(migrations, applied, options.to);
  const done: string[] = [];
  for (const migration of applied.slice(keep).reverse()) {
    const down = statementsOf(migration.down);
    if (down.length === 0)
      throw new MigrationError(`${migration.tag}.down.sql is empty, so this migration cannot be undone.`);
    if (await undo(db, migration, down)) done.push(migration.tag);
  }
  return done;
}

/** Which migrations have run and which have not, in order. This only reads; in an empty database none has run. */
export async function migrationStates(db: Database, migrations: readonly Migration[]): Promise<MigrationState[]> {
  const applied = await appliedIn(db);
  const states: MigrationState[] = [];
  for (const migration of migrations) {
    const row = applied.get(migration.tag);
    const edited = row !== undefined && row.hash !== (await hashOf(migration));
    states.push({ tag: migration.tag, applied_at: row?.applied_at ?? null, drift: edited ? "edited" : "none" });
    applied.delete(migration.tag);
  }
  for (const [tag, row] of applied) states.push({ tag, applied_at: row.applied_at, drift: "unknown" });
  return states;
}

/** Whether this is the newest migration that was applied. Readiness checks it, and each service before it starts. */
export async function schemaIsCurrent(db: Database, expectedTag: string): Promise<boolean> {
  const applied = await appliedIn(db);
  return [...applied.keys()].sort().at(-1) === expectedTag;
}

/** The first tag that a database has run and these migrations do not have; undefined when there is none. */
export function unknownTo(
  migrations: readonly Migration[],
  applied: readonly { readonly tag: string }[],
): string | undefined {
  return applied.find(({ tag }) => !migrations.some((migration) => migration.tag === tag))?.tag;
}

const appliedColumns = { tag: computed<string>(), hash: computed<string>(), applied_at: computed<string>() };
type Applied = RowOf<typeof appliedColumns>;

async function appliedIn(db: Database): Promise<Map<string, Applied>> {
  const [table] = await db.query(sql`select 1 from sqlite_master where type = 'table' and name = 'migrations'`);
  if (!table) return new Map();
  const rows = await db.query(
    returning(appliedColumns, sql`select tag, hash, applied_at from migrations order by tag`),
  );
  return new Map(rows.map((row) => [row.tag, row]));
}

/** Applies what is missing up to the one at `last`. False when another run has applied or undone one meanwhile. */
async function applyMissing(db: Database, migrations: readonly Migration[], last: number, done: string[]) {
  const states = await migrationStates(db, migrations);
  refuseDrift(states);
  const applied = states.filter(({ applied_at }) => applied_at !== null).map(({ tag }) => tag);
  for (const migration of migrations.slice(0, last + 1)) {
    if (applied.includes(migration.tag)) continue;
    if (!(await apply(db, migration, applied.toSorted().at(-1)))) return false;
    applied.push(migration.tag);
    done.push(migration.tag);
  }
  return true;
}

/** False when this one was applied meanwhile, or another, or one was undone: `newest` is not the newest any more. */
async function apply(db: Database, migration: Migration, newest: string | undefined): Promise<boolean> {
  const applied_at = new Date().toISOString();
  const unmoved = sql`(select max(tag) from migrations) is ${newest ?? null}`;
  const row = sql`insert into migrations (tag, hash, applied_at)
    values (case when ${unmoved} then ${migration.tag} end, ${await hashOf(migration)}, ${applied_at})`;
  // The row comes first, so that a tag of null refuses a second runner before that changes the schema.
  return unlessMoved(db, [row, ...statementsOf(migration.up).map(raw)]);
}

/** False when another run has undone it. */
async function undo(db: Database, { tag }: Migration, down: readonly string[]): Promise<boolean> {
  const newest = sql`(select max(tag) from migrations)`;
  const refuse = sql`insert into migrations (tag, hash, applied_at) select null, '', '' where ${newest} is not ${tag}`;
  if (await unlessMoved(db, [refuse, ...down.map(raw), sql`delete from migrations where tag = ${tag}`])) return true;
  const applied = await appliedIn(db);
  if (!applied.has(tag)) return false;
  throw new MigrationError(`${[...applied.keys()].at(-1)} was applied meanwhile; undo that first.`);
}

/** Whether a batch was written; not when its first statement wanted a row without a tag. */
async function unlessMoved(db: Database, batch: readonly Sql[]): Promise<boolean> {
  try {
    await db.write(batch);
    return true;
  } catch (error) {
    if (violates(error, "migrations.tag")) return false;
    throw error;
  }
}

function refuseDrift(states: readonly MigrationState[]): void {
  const edited = states.find((state) => state.drift === "edited");
  if (edited) {
    throw new MigrationError(`${edited.tag} was edited after it had been applied; add a new migration instead.`);
  }
  const unknown = states.find((state) => state.drift === "unknown");
  if (unknown) {
    throw new MigrationError(`The database has run ${unknown.tag}, which this version does not know; use a newer one.`);
  }
}

function indexOf(migrations: readonly Migration[], tag: string): number {
  const index = migrations.findIndex((migration) => migration.tag === tag);
  if (index < 0) throw new MigrationError(`There is no migration ${tag}.`);
  return index;
}

function keptBy(all: readonly Migration[], applied: readonly Migration[], to: string | null | undefined): number {
  if (to === undefined) return Math.max(0, applied.length - 1);
  return to === null ? 0 : indexOf(all, to) + 1;
}
