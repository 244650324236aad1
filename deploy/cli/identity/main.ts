import { ConfigError } from "@stoa/config";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { StoaError } from "@stoa/errors";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { whyUnavailable } from "../unavailable.ts";
import { type Command, UsageError } from "./command.ts";
import { importUsers } from "./import-users.ts";
import { keys } from "./keys.ts";

/** The commands, each in its own file. */
const commands: Readonly<Record<string, Command>> = { keys, "import-users": importUsers };

const usage = `${called("identity")} <command>

${Object.values(commands)
  .map((command) => command.usage)
  .join("\n")}

The database is IDENTITY_DATABASE_URL with …_AUTH_TOKEN; by default, it is a file in DATA_DIR. SECRET_KEY must be the same
as for the service.`;

/**
 * `bun run identity`.
 *
 * @returns the exit code: 0 when all is well, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  const [name = "", ...rest] = args;
  if (args.includes("--help") || args.includes("-h")) {
    print(usage, false);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    print([name && `There is no command ${name}.`, usage].filter(Boolean).join("\n\n"), true);
    return 1;
  }
  try {
    return (await command.run({ args: rest, env, say: (line) => print(line, false) })) ? 0 : 1;
  } catch (error) {
    print(explain(error, command), true);
    return 1;
  }
}

function explain(error: unknown, command: Command): string {
  if (error instanceof UsageError) return [error.message, usage].filter(Boolean).join("\n\n");
  if (error instanceof DataDirLockedError)
    return `${error.message} While it runs, ${command.routeInstead} does the same.`;
  const unavailable = whyUnavailable(error);
  if (unavailable !== undefined) return unavailable;
  if (error instanceof StoaError || error instanceof ConfigError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
