import { parseArgs } from "node:util";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { called } from "../called.ts";
import { besideStoa, type Environment, isThere, targetOf } from "../db/target.ts";
import { explain } from "../explain.ts";
import { misused } from "../import-call.ts";
import { importFile } from "./import.ts";

const usage = `${called("messaging")} import FILE --source NAME

Imports the channels, posts, answers and reactions of a file in Mattermost's bulk-loading format (JSON lines), such as
Mattermost exports it, or mmetl makes it of an export of Slack. Users are found by their usernames: create them first.

  --source NAME   what the other system is called: the same for each import of it
  --dry-run       say what would be imported and what not, and write nothing

It works while Stoa runs. Nobody is notified, and nothing counts as unread. An import that broke off is run again: nothing
is there twice. The database is MESSAGING_DATABASE_URL with …_AUTH_TOKEN; by default, it is a file in DATA_DIR.`;

const options = {
  source: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * `bun run messaging`.
 *
 * @returns the exit code: 0 when every line could be read, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  const call = parsed(args);
  if (typeof call === "string") {
    print(`${call}\n\n${usage}`, true);
    return 1;
  }
  if (call.values.help) {
    print(usage, false);
    return 0;
  }
  const [command, path, ...more] = call.positionals;
  const { source } = call.values;
  const wrong = misused({ command, path, more, source });
  if (wrong !== undefined || path === undefined || !source) {
    print([wrong, usage].filter(Boolean).join("\n\n"), true);
    return 1;
  }
  try {
    if (!(await Bun.file(path).exists())) throw new Error("There is no such file.");
    const target = targetOf("messaging", env);
    if (!isThere(target)) {
      throw new Error("There is no database of messaging here; set DATA_DIR or MESSAGING_DATABASE_URL.");
    }
    const how = { source, dry_run: call.values["dry-run"], say: (line: string) => print(line, false) };
    return await besideStoa(target, async (db) => {
      if (await schemaIsCurrent(db, expectedSchema("messaging"))) return (await importFile(db, path, how)) ? 0 : 1;
      throw new Error(`The database of messaging is not current; run: ${called("db")} migrate --service messaging`);
    });
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
