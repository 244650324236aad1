import { migrate, migrationStates, rollback } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { check } from "./check.ts";
import { generate, generateAfresh, generateCustom } from "./generate.ts";
import { targetOf, withDatabase } from "./target.ts";

/** Wrong words on the command line. */
export class UsageError extends Error {}

/** What the command line gave. */
export interface Options {
  readonly to?: string | undefined;
  readonly name?: string | undefined;
  readonly migrate: boolean;
  readonly custom: boolean;
}

export const usage = `bun run db <command> [--service identity|projects|messaging]   (all services unless named)

  generate [--name words] [--migrate]   write the next migration from tables.ts, with its way back; apply it
  generate --custom --name words        write an empty migration, for SQL drizzle has no words for
  migrate [--to TAG]                    apply what has not run, up to TAG
  rollback [--to TAG]                   undo the newest migration, or all after TAG
  status                                what has run here, and what has not
  list                                  the migrations there are
  check                                 the database answers; tables, migrations and database agree

Databases: IDENTITY_DATABASE_URL, PROJECTS_…, MESSAGING_…, each with …_AUTH_TOKEN; files in DATA_DIR otherwise.`;

type Command = (service: ServiceName, options: Options) => Promise<boolean>;

const open = <T>(service: ServiceName, work: Parameters<typeof withDatabase<T>>[1]) =>
  withDatabase(targetOf(service, process.env), work);

const say = (service: ServiceName, text: string) => console.log(`${service.padEnd(10)} ${text}`);

const runMigrate: Command = async (service, { to }) => {
  const migrations = readMigrations(service);
  const done = await open(service, (db) => migrate(db, migrations, to === undefined ? {} : { to }));
  for (const tag of done) say(service, `applied ${tag}`);
  if (done.length === 0) say(service, "nothing to apply");
  return true;
};

const runGenerate: Command = async (service, options) => {
  if (options.custom) {
    if (options.name === undefined) throw new UsageError("generate --custom needs --name.");
    const tag = await generateCustom(service, options.name);
    say(service, `wrote ${tag}.sql and ${tag}.down.sql: fill in both`);
    return true;
  }
  const tag = await generate(service, options.name);
  say(service, tag === null ? "tables and migrations agree" : `wrote ${tag}.sql and ${tag}.down.sql: read both`);
  return options.migrate ? runMigrate(service, options) : true;
};

/** The commands by name. Each does its work for one service and says whether all is well. */
export const commands: Readonly<Record<string, Command>> = {
  generate: runGenerate,
  migrate: runMigrate,
  fresh: async (service) => {
    say(service, `wrote ${(await generateAfresh(service)).join(" and ")}`);
    return true;
  },
  rollback: async (service, { to }) => {
    const migrations = readMigrations(service);
    const done = await open(service, (db) => rollback(db, migrations, to === undefined ? {} : { to }));
    for (const tag of done) say(service, `undid ${tag}`);
    if (done.length === 0) say(service, "nothing to undo");
    return true;
  },
  status: async (service) => {
    const migrations = readMigrations(service);
    const states = await open(service, (db) => migrationStates(db, migrations));
    for (const { tag, applied_at, drift } of states) {
      const note = drift === "none" ? "" : ` (${drift})`;
      say(service, `${applied_at ? `applied ${applied_at}` : "not applied".padEnd(32)} ${tag}${note}`);
    }
    return states.every((state) => state.drift === "none");
  },
  list: async (service) => {
    for (const { tag } of readMigrations(service)) say(service, tag);
    return true;
  },
  check: async (service) => {
    const faults = await check(service, targetOf(service, process.env));
    for (const fault of faults) say(service, fault);
    if (faults.length === 0) say(service, "in order");
    return faults.length === 0;
  },
};
