import { type Database, DatabaseError, openDatabase } from "@stoa/db";
import { type Migration, migrate, migrationStates, schemaOf, statementsOf } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { drift, unwritten } from "./generate.ts";
import type { Source } from "./source.ts";
import { type Target, withDatabase } from "./target.ts";

/** What is wrong with a service's migrations and its database: a sentence for each fault, none when all is well. */
export async function check(source: Source, target: Target): Promise<string[]> {
  return [...(await checkFiles(source)), ...(await checkDatabase(source, target))];
}

/** What is wrong with the files of a service's migrations: a sentence for each fault. */
export async function checkFiles(source: Source): Promise<string[]> {
  const migrations = readMigrations(source.name, source.root);
  const unfinished = migrations.flatMap((migration) => [
    ...(isWritten(migration.up) ? [] : [`${migration.tag}.sql is not written.`]),
    ...(isWritten(migration.down) ? [] : [`${migration.tag}.down.sql is not written.`]),
  ]);
  const ahead = (await drift(source)).up.join("; ").replace(/\s+/g, " ");
  if (ahead === "") return unfinished;
  const what = `tables.ts has changes that no migration has; run \`bun run db generate -s ${source.name}\`: ${ahead}`;
  return [...unfinished, what];
}

const isWritten = (text: string) => statementsOf(text).length > 0 && !text.includes(unwritten);

async function checkDatabase(source: Source, target: Target): Promise<string[]> {
  const migrations = readMigrations(source.name, source.root);
  try {
    return await withDatabase(target, async (db) => {
      const faults = await checkStates(source, db, migrations);
      return faults.length > 0 ? faults : checkSchema(db, migrations);
    });
  } catch (error) {
    if (error instanceof DatabaseError) return [`The database does not answer (${error.failure}).`];
    throw error;
  }
}

async function checkStates(source: Source, db: Database, migrations: readonly Migration[]): Promise<string[]> {
  const states = await migrationStates(db, migrations);
  return states.flatMap(({ tag, applied_at, drift: kind }) => {
    if (kind === "edited") return [`${tag} was edited after it had been applied.`];
    if (kind === "unknown") return [`The database has run ${tag}, which is not here.`];
    return applied_at ? [] : [`${tag} has not run; run \`bun run db migrate -s ${source.name}\`.`];
  });
}

/** Compares a database with one that has just been migrated, because someone may have changed it by hand. */
async function checkSchema(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  const fresh = await openDatabase("file::memory:");
  try {
    await migrate(fresh, migrations);
    const [is, should] = [await schemaOf(db), await schemaOf(fresh)];
    const names = [...new Set([...is.keys(), ...should.keys()])];
    return names.flatMap((name) => {
      if (is.get(name) === should.get(name)) return [];
      return [
        is.has(name) ? `${name} in the database differs from what the migrations create.` : `${name} is missing.`,
      ];
    });
  } finally {
    fresh.close();
  }
}
