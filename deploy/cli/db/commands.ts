import { DamagedFileError, type Database, raw, sql } from "@stoa/db";
import { filePathOf } from "@stoa/db/file-path";
import { migrate, migrationStates, rollback } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { called } from "../called.ts";
import { sourceOf } from "./source.ts";
import { besideStoa, type Environment, targetOf, withDatabase } from "./target.ts";

/** The arguments on the command line are wrong. */
export class UsageError extends Error {}

/** The arguments and the environment of a command, for one service. */
export interface Call {
  readonly service: ServiceName;
  readonly env: Environment;
  readonly to?: string | undefined;
  readonly name?: string | undefined;
  readonly migrate: boolean;
  readonly custom: boolean;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

type Command = (call: Call) => Promise<boolean>;

const open = <T>({ service, env }: Call, work: (db: Database) => Promise<T>) =>
  withDatabase(targetOf(service, env), work);

const upTo = (to: string | undefined) => (to === undefined ? {} : { to });

async function runMigrate(call: Call): Promise<boolean> {
  const done = await open(call, (db) => migrate(db, readMigrations(call.service), upTo(call.to)));
  for (const tag of done) call.say(`applied ${tag}`);
  if (done.length === 0) call.say("nothing to apply");
  return true;
}

async function runRollback(call: Call): Promise<boolean> {
  const done = await open(call, (db) => rollback(db, readMigrations(call.service), upTo(call.to)));
  for (const tag of done) call.say(`undid ${tag}`);
  if (done.length === 0) call.say("nothing to undo");
  return true;
}

// Comparing tables with migrations needs drizzle-kit, which a production installation and the executable lack. So only
// the commands that need it load it.
const forDevelopers = new Set(["generate", "check", "fresh"]);

async function runGenerate(call: Call): Promise<boolean> {
  const { generate, generateCustom } = await import("./generate.ts");
  const source = await sourceOf(call.service);
  if (call.custom) {
    if (call.name === undefined) throw new UsageError("generate --custom needs --name.");
    const tag = await generateCustom(source, call.name);
    call.say(`wrote ${tag}.sql and ${tag}.down.sql: fill in both`);
    return true;
  }
  const tag = await generate(source, call.name);
  call.say(tag === null ? "tables and migrations agree" : `wrote ${tag}.sql and ${tag}.down.sql: read both`);
  return call.migrate ? runMigrate(call) : true;
}

async function runStatus(call: Call): Promise<boolean> {
  const target = targetOf(call.service, call.env);
  const { states, damage } = await besideStoa(target, async (db) => ({
    states: await migrationStates(db, readMigrations(call.service)),
    damage: db.kind === "file" ? await damageIn(db) : undefined,
  }));
  for (const { tag, applied_at, drift } of states) {
    const when = applied_at === null ? "not applied" : `applied ${applied_at}`;
    call.say(`${tag.padEnd(24)} ${when}${drift === "none" ? "" : ` (${drift})`}`);
  }
  if (damage !== undefined) {
    call.say(`${filePathOf(target.url)} is damaged (${damage}); put a backup of it in its place.`);
  }
  return damage === undefined && states.every((state) => state.drift === "none");
}

/**
 * The first damage that SQLite finds in the pages of a file, also in those that nobody has read; undefined when it is whole. The
 * tables are looked at one by one: of a whole file SQLite would compare the search indexes too, which takes most of the time,
 * and calls one malformed that has empty pages of an older SQLite (docs/decisions/search.md).
 */
async function damageIn(db: Database): Promise<string | undefined> {
  const tables = await db.query(sql`select name from sqlite_schema where type = 'table' and rootpage > 0`);
  for (const { name } of tables) {
    const found = await checked(db, String(name));
    if (found !== "ok") return found.replaceAll(/\s+/g, " ");
  }
  return undefined;
}

/** What SQLite says of a table, which may also be that it cannot read its first page. */
async function checked(db: Database, table: string): Promise<string> {
  try {
    const [row] = await db.query(raw(`pragma quick_check("${table}")`));
    return String(row?.["quick_check"]);
  } catch (error) {
    if (error instanceof DamagedFileError && error.cause instanceof Error) return error.cause.message;
    throw error;
  }
}

async function runCheck(call: Call): Promise<boolean> {
  const { check } = await import("./check.ts");
  const faults = await check(await sourceOf(call.service), targetOf(call.service, call.env));
  for (const fault of faults) call.say(fault);
  if (faults.length === 0) call.say("in order");
  return faults.length === 0;
}

async function runList(call: Call): Promise<boolean> {
  for (const { tag } of readMigrations(call.service)) call.say(tag);
  return true;
}

async function runFresh(call: Call): Promise<boolean> {
  const { generateAfresh } = await import("./generate.ts");
  call.say(`wrote ${(await generateAfresh(await sourceOf(call.service))).join(" and ")}`);
  return true;
}

const commands = new Map<string, Command>([
  ["generate", runGenerate],
  ["migrate", runMigrate],
  ["rollback", runRollback],
  ["status", runStatus],
  ["list", runList],
  ["check", runCheck],
  ["fresh", runFresh],
]);

/** Whether there is a command with that name. */
export function isCommand(name: string): boolean {
  return commands.has(name);
}

/**
 * Runs a command for one service.
 *
 * @returns whether all is well
 */
export async function runCommand(name: string, call: Call): Promise<boolean> {
  const command = commands.get(name);
  if (!command) throw new UsageError(`There is no command ${name}.`);
  if (Bun.isStandaloneExecutable && forDevelopers.has(name)) {
    throw new UsageError(
      `${called("db")} ${name} compares migrations with the source, so it works in a checkout only.`,
    );
  }
  if (forDevelopers.has(name) && !hasDrizzleKit()) {
    throw new UsageError(`${called("db")} ${name} needs the packages for development; run: bun install`);
  }
  return command(call);
}

function hasDrizzleKit(): boolean {
  try {
    Bun.resolveSync("drizzle-kit/api", import.meta.dir);
    return true;
  } catch {
    return false;
  }
}
