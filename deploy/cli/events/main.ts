import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { acceptSource } from "@stoa/bus/accept";
import { provision, rebuildService, rebuildServiceStream, replayParked, showStatus } from "@stoa/bus/cli";
import type { Operation } from "@stoa/bus/operation";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { type ServiceName, services } from "@stoa/events";
import { emptyReports } from "@stoa/projects/reports/rebuild";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { whyUnavailable } from "../unavailable.ts";
import { faultsOf } from "./faults.ts";
import { connectLink, type Missing, openAll, quiet } from "./world.ts";

const usage = `${called("events")} <command> [identity|projects|messaging]

  status [SERVICE]            show journals, streams, cursors and parked events
  replay [SERVICE]            apply parked events in order, once their fault is fixed
  rebuild SERVICE             build a service's projections again from the first event, and put right what differs
    --reacted SOURCE=N        after SOURCE was restored from a backup: do its reactions again after event N
  accept SOURCE               after SOURCE was restored from a backup: make its stream again, rebuild what others made of
                              it, go on with their reactions where the backup ends, and list what was lost
  rebuild --stream SERVICE    make a service's stream again from its journal
  provision [SERVICE]         create the streams that are missing

The databases are IDENTITY_DATABASE_URL, PROJECTS_… and MESSAGING_…, each with …_AUTH_TOKEN; by default, they are files
in DATA_DIR. NATS is NATS_URL, and NATS_CREDS; a service's user reads all streams and changes its own, the user operator
of deploy/nats/nats.conf changes all. Without NATS_URL, events are read from the journals.`;

const options = {
  stream: { type: "boolean", default: false },
  reacted: { type: "string", multiple: true },
  help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsOptionsConfig;

/** The arguments on the command line are wrong. */
class UsageError extends Error {}

/**
 * `bun run events`.
 *
 * @returns the exit code: 0 when all is well, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      print(usage, false);
      return 0;
    }
    const [command, name] = positionals;
    if (command === undefined) throw new UsageError(usage);
    if (!known.has(command)) throw new UsageError(`There is no command ${command}.\n\n${usage}`);
    const service = name === undefined ? undefined : serviceNamed(name);
    if (positionals.length > 2) throw new UsageError(`${command} takes one service.\n\n${usage}`);
    if (command === "rebuild" && !service) throw new UsageError(`Name the service to rebuild.\n\n${usage}`);
    if (command === "accept" && !service) throw new UsageError(`Name the service that was restored.\n\n${usage}`);
    // Reading is possible while Stoa runs.
    const lock = command !== "status";
    const ok = await withWorld(
      { env, service: command === "accept" ? undefined : service, lock, print },
      async (operation, there) => {
        if (command === "status") return statusOf(operation, there);
        if (command === "replay") return replayParked(operation);
        if (command === "provision") await provision(operation, service ? [service] : services);
        else if (service && command === "accept") await acceptSource(operation, service);
        else if (service && values.stream) await rebuildServiceStream(operation, service);
        else if (service) {
          await rebuildService(operation, service, reactedOf(values.reacted ?? []));
          await rebuildOwn(operation, service);
        }
        return true;
      },
    );
    return ok ? 0 : 1;
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

/** What projects has made of its own events goes too. */
async function rebuildOwn({ databases, say }: Operation, service: ServiceName): Promise<void> {
  const db = databases.get(service);
  if (service !== "projects" || !db) return;
  await emptyReports(db);
  say("projects   emptied what reports are read from; the running service reads its journal again");
}

const known = new Set(["status", "replay", "rebuild", "accept", "provision"]);

/** What stands beside the databases that could be opened. */
interface Found {
  readonly missing: readonly Missing[];
  readonly folders: readonly string[];
}

interface WorldOptions {
  readonly env: Environment;
  readonly service: ServiceName | undefined;
  readonly lock: boolean;
  readonly print: (line: string, error: boolean) => void;
}

async function withWorld(
  { env, service, lock, print }: WorldOptions,
  work: (operation: Operation, there: Found) => Promise<boolean>,
): Promise<boolean> {
  const { operated, missing, folders, close } = await openAll(env, { lock });
  try {
    const link = await connectLink(env);
    const its = service ? operated.filter((each) => each.service === service) : operated;
    try {
      const operation: Operation = {
        operated: its,
        databases: new Map(operated.map((each) => [each.service, each.db])),
        ...(link ? { link } : {}),
        log: quiet,
        say: (line) => print(line, false),
        signal: new AbortController().signal,
      };
      return await work(operation, { missing, folders });
    } finally {
      await link?.close();
    }
  } finally {
    close();
  }
}

/**
 * Shows the state of events. A database that was lost is named: what the others say of it would look well. So is what a
 * running server says of itself: its files may not be those that are read here.
 */
async function statusOf(operation: Operation, { missing, folders }: Found): Promise<boolean> {
  const { operated } = operation;
  if (operated.length === 0) throw new Error("There is no database here; set DATA_DIR, or …_DATABASE_URL.");
  const said: string[] = [];
  const say = (line: string) => {
    said.push(line);
    operation.say(line);
  };
  for (const { service, path } of missing) {
    say(`${service.padEnd(10)} ${path} is not there; put a backup in its place.`);
  }
  const ok = await showStatus({ ...operation, say });
  // What health says of parked events refers to this command, which has shown them.
  const faults = (await Promise.all(folders.map(faultsOf)))
    .flat()
    .filter(({ reason }) => !reason.includes("events status"));
  for (const { part, reason } of faults) {
    if (!said.some((line) => line.includes(reason))) say(`${part}: ${reason}`);
  }
  return ok && missing.length === 0 && faults.length === 0;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}

function serviceNamed(name: string): ServiceName {
  const found = services.find((service) => service === name);
  if (!found) throw new UsageError(`There is no service ${name}; the services are ${services.join(", ")}.`);
  return found;
}

function reactedOf(words: readonly string[]): Partial<Record<ServiceName, number>> {
  const pairs = words.map((word) => {
    const [, name, seq] = /^(\w+)=(\d+)$/.exec(word) ?? [];
    if (!name || !seq) throw new UsageError(`--reacted takes SOURCE=N, such as identity=480, not ${word}.`);
    return [serviceNamed(name), Number(seq)] as const;
  });
  return Object.fromEntries(pairs);
}

function explain(error: unknown): string {
  if (error instanceof DataDirLockedError) {
    return `${error.message} While it runs, \`${called("events")} status\` shows the state of its events; stop it to replay parked events, to rebuild projections, or to accept a source.`;
  }
  const unavailable = whyUnavailable(error);
  if (unavailable !== undefined) return unavailable;
  if (isForbidden(error)) {
    return `The user of NATS_URL has no right to do this (${error.message.replaceAll("'", "")}). ${rights}`;
  }
  return error instanceof Error ? error.message : String(error);
}

const rights =
  "A service's user may change its own stream only; the user operator of deploy/nats/nats.conf may change all. What was printed above stays done.";

/** Whether NATS refused what its user may not do. */
function isForbidden(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "PERMISSIONS_VIOLATION";
}
