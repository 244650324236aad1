import { DatabaseError } from "@stoa/db";
import { migrationStates, statementsOf } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { drift, unwritten } from "./generate.ts";
import { type Target, withDatabase } from "./target.ts";

/** What is wrong with a service's migrations and its database, a sentence each; none when all is well. */
export async function check(service: ServiceName, target: Target): Promise<string[]> {
  return [...(await checkFiles(service)), ...(await checkDatabase(service, target))];
}

/** What is wrong with a service's migrations themselves. */
export async function checkFiles(service: ServiceName): Promise<string[]> {
  const faults: string[] = [];
  for (const { tag, up, down } of readMigrations(service)) {
    if (statementsOf(up).length === 0) faults.push(`${tag}.sql is empty.`);
    if (statementsOf(down).length === 0 || down.includes(unwritten)) faults.push(`${tag}.down.sql is not written.`);
  }
  const { up } = await drift(service);
  if (up.length > 0) {
    faults.push(`tables.ts is ahead of the migrations; run \`bun run db generate -s ${service}\`: ${up.join("; ")}`);
  }
  return faults;
}

async function checkDatabase(service: ServiceName, target: Target): Promise<string[]> {
  try {
    const states = await withDatabase(target, (db) => migrationStates(db, readMigrations(service)));
    return states.flatMap(({ tag, applied_at, drift: kind }) => {
      if (kind === "edited") return [`${tag} was edited after it had been applied.`];
      if (kind === "unknown") return [`The database has run ${tag}, which is not here.`];
      return applied_at ? [] : [`${tag} has not run; run \`bun run db migrate -s ${service}\`.`];
    });
  } catch (error) {
    if (error instanceof DatabaseError) return [`The database does not answer (${error.failure}).`];
    throw error;
  }
}
