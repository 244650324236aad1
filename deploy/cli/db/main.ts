import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { generatedSecretKey } from "@stoa/config/secret-key";
import { DamagedFileError } from "@stoa/db";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { filePathOf } from "@stoa/db/file-path";
import { MigrationError } from "@stoa/db/migrations";
import { OperatorError } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { called } from "../called.ts";
import { whyUnavailable } from "../unavailable.ts";
import { isCommand, runCommand, UsageError } from "./commands.ts";
import { requireNoneLost } from "./lost.ts";
import { dataDirOf, type Environment, isThere, targetOf } from "./target.ts";

const usage = `${called("db")} <command> [--service identity|projects|messaging]   (by default, for all services)

  generate [--name NAME] [--migrate]   write the next migration from tables.ts and its .down.sql; --migrate applies it
  generate --custom --name NAME        write an empty migration to fill in, for what drizzle cannot express
  fresh                                before a first release: write a service's migrations again from tables.ts
  migrate [--to TAG]                   apply the migrations that have not run, up to TAG
          [--accept-new]               also when a database is missing beside others that are not new: begin an empty one
  rollback [--to TAG]                  undo the newest migration, or all after TAG
  status                               show which migrations have run and which have not
  list                                 show all migrations
  check                                check that the database answers and that tables, migrations and database agree

The databases are IDENTITY_DATABASE_URL, PROJECTS_… and MESSAGING_…, each with …_AUTH_TOKEN; by default, they are files
in DATA_DIR.`;

const options = {
  service: { type: "string", short: "s" },
  to: { type: "string" },
  name: { type: "string" },
  migrate: { type: "boolean", default: false },
  custom: { type: "boolean", default: false },
  "accept-new": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Prints a line to stdout, or to stderr for an error. */
export type Print = (line: string, error: boolean) => void;

/**
 * `bun run db`.
 *
 * @returns the exit code: 0 when all is well, 1 otherwise
 */
export async function run(args: readonly string[], env: Environment, print: Print): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      print(usage, false);
      return 0;
    }
    const [command = "", ...more] = positionals;
    if (!isCommand(command))
      throw new UsageError(command === "" ? usage : `There is no command ${command}.\n\n${usage}`);
    if (more.length > 0) throw new UsageError(usage);
    let ok = true;
    const its = named(values.service);
    if ((command === "migrate" || values.migrate) && !values["accept-new"]) await requireNoneLost(env, its);
    if (command === "migrate") makeSecretKey(env);
    for (const service of its) {
      const say = (line: string) => print(`${service.padEnd(10)} ${line}`, false);
      ok = (await runCommand(command, { ...values, service, env, say })) && ok;
    }
    return ok ? 0 : 1;
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

/**
 * Makes the key of a new standalone where its databases are about to be made: afterwards a start would take them for
 * databases whose key was lost. Production takes no generated key, and services with NATS have keys of their own.
 */
function makeSecretKey(env: Environment): void {
  if (env["SECRET_KEY"] || env["NATS_URL"] || env["ENVIRONMENT"] === "production") return;
  const targets = services.map((service) => targetOf(service, env));
  const folder = resolve(dataDirOf(env));
  const ours = targets.every(({ url }) => url.startsWith("file:") && dirname(resolve(filePathOf(url))) === folder);
  if (ours && !targets.some(isThere)) generatedSecretKey(folder);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}

function named(name: string | undefined): readonly ServiceName[] {
  if (name === undefined) return services;
  const found = services.find((service) => service === name);
  if (!found) throw new UsageError(`There is no service ${name}; the services are ${services.join(", ")}.`);
  return [found];
}

function explain(error: unknown): string {
  if (error instanceof DataDirLockedError) {
    return `${error.message} It applied its migrations when it started; GET /health/ready says whether they are current.`;
  }
  const unavailable = whyUnavailable(error);
  if (unavailable !== undefined) return unavailable;
  const known = [UsageError, MigrationError, DamagedFileError, OperatorError].some((kind) => error instanceof kind);
  if (error instanceof Error && known) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
