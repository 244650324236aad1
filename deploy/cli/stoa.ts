import packageJson from "../../package.json" with { type: "json" };
import { called } from "./called.ts";
import type { Environment } from "./db/target.ts";

/** Prints a line to stdout, or to stderr for an error. */
export type Print = (line: string, error: boolean) => void;

/** A command of the command line. It is loaded when it is called, so that each starts fast. */
interface Command {
  /** What it is for, in a line. */
  readonly about: string;
  /** Runs it. Resolves to the exit code, or to undefined when it goes on running. */
  readonly run: (args: readonly string[], env: Environment, print: Print) => Promise<number | undefined>;
}

/** Lets a start make a database beside others that are not new. */
const acceptNew = "--accept-new";

const commands = new Map<string, Command>([
  ["start", { about: `start Stoa, the same as no command; ${acceptNew}: also when a database was lost`, run: start }],
  [
    "db",
    {
      about: "migrations: status, migrate, rollback, list",
      run: async (...call) => (await import("./db/main.ts")).run(...call),
    },
  ],
  [
    "events",
    {
      about: "events between the services: status, replay, rebuild, accept, provision",
      run: async (...call) => (await import("./events/main.ts")).run(...call),
    },
  ],
  [
    "identity",
    {
      about: "signing keys, and the import of users: keys, import-users",
      run: async (...call) => (await import("./identity/main.ts")).run(...call),
    },
  ],
  [
    "users",
    {
      about: "users: list, create, disable, enable, reset-password, remove-mfa, make-superuser",
      run: async (args, env, print) => (await import("./users/main.ts")).run(args, env, print),
    },
  ],
  [
    "projects",
    {
      about: "projects and tasks of another system: import FILE",
      run: async (args, env, print) => (await import("./projects/main.ts")).run(args, env, print),
    },
  ],
  [
    "messaging",
    {
      about: "conversations of another system: import FILE",
      run: async (...call) => (await import("./messaging/main.ts")).run(...call),
    },
  ],
  [
    "backup",
    {
      about: "copy the databases and the secret key, also while Stoa runs",
      run: async (...call) => (await import("./backup/main.ts")).runBackup(...call),
    },
  ],
  [
    "restore",
    {
      about: "put a backup in the place of the databases",
      run: async (...call) => (await import("./backup/main.ts")).runRestore(...call),
    },
  ],
  [
    "mail",
    {
      about: "mails: test ADDRESS",
      run: async (...call) => (await import("./mail/main.ts")).run(...call),
    },
  ],
  [
    "config",
    {
      about: "the settings in use, without secrets, and what is probably wrong with them",
      run: async (...call) => (await import("./config/main.ts")).run(...call),
    },
  ],
]);

function usage(): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length)) + 2;
  return [
    `Stoa ${packageJson.version}`,
    "",
    ...[...commands].map(([name, { about }]) => `  ${called(name.padEnd(width))} ${about}`),
    "",
    "Each command explains itself with --help. Settings are environment variables.",
  ].join("\n");
}

/**
 * Runs a command by its name; without one it starts Stoa.
 *
 * @returns the exit code; undefined when Stoa has started and goes on running
 */
export async function run(args: readonly string[], env: Environment, print: Print): Promise<number | undefined> {
  const [name = "start", ...rest] = args[0] === acceptNew ? ["start", ...args] : args;
  const command = commands.get(name);
  if (command) return command.run(rest, env, print);
  if (name === "--version" || name === "-v") {
    print(packageJson.version, false);
    return 0;
  }
  const asked = name === "--help" || name === "-h" || name === "help";
  print(asked ? usage() : `There is no command ${name}.\n\n${usage()}`, !asked);
  return asked ? 0 : 1;
}

async function start(args: readonly string[], _env: Environment, print: Print): Promise<number | undefined> {
  if (args.some((arg) => arg !== acceptNew)) {
    print(`${called("start")} takes no arguments but ${acceptNew}; settings are environment variables.`, true);
    return 1;
  }
  const [{ orExit }, { startStandalone }] = await Promise.all([
    import("@stoa/runtime"),
    import("../standalone/standalone.ts"),
  ]);
  await orExit(() => startStandalone({ accept_new: args.includes(acceptNew) }));
  return undefined;
}
