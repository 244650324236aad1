import { parseArgs } from "node:util";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { explain } from "../explain.ts";
import { misused } from "../import-call.ts";
import { type ClientOptions, connect } from "./client.ts";
import { readMap } from "./formats/csv-map.ts";
import { importFile } from "./import.ts";
import { openFile } from "./open-file.ts";

const usage = `${called("projects")} import FILE --source NAME

Saves the projects and tasks of another system on a running Stoa, with the rights of whoever logs in. FILE is
  .jsonl      an item on each line: {"kind": "user | project | task | assignee | deleted", "external_id": …, …}
  .csv        a task on each row; the first row has the columns' names
  .json       {users, projects, tasks, assignees, deleted} as POST /data/save takes them, of any size; or a board
              that Trello exports, or the data.json of an export of Vikunja

  --source NAME      what the other system is called: the same for each import of it
  --map MAP.json     what the columns of a CSV file are
  --dry-run          say what would become of each item, and save nothing
  --overwrite        overwrite what people have changed since the last import too
  --url URL          the server; by default STOA_URL, or else http://localhost:8080
  --username NAME    log in as this user, with the password in STOA_PASSWORD, or else asked for
  --password-stdin   read the password from standard input

Instead of a name and password, STOA_TOKEN may have an access token. An import that broke off is run again: what was saved
stays unchanged. For each item that was not saved its line is printed, with the reason.`;

const options = {
  source: { type: "string" },
  map: { type: "string" },
  url: { type: "string" },
  username: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  overwrite: { type: "boolean", default: false },
  "password-stdin": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Where a password comes from. */
export interface Input {
  /** All of standard input. */
  readonly stdin: () => Promise<string>;
  /** Asks a person; null when there is none. */
  readonly ask: (question: string) => Promise<string | null>;
}

/**
 * `bun run projects`.
 *
 * @returns the exit code: 0 when every item was saved, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
  input: Input = { stdin: () => Bun.stdin.text(), ask: askHidden },
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
  const wrong = misused({ command, path, more, source: call.values.source });
  if (wrong !== undefined || path === undefined) {
    print([wrong, usage].filter(Boolean).join("\n\n"), true);
    return 1;
  }
  const { values } = call;
  try {
    const map = values.map === undefined ? {} : readMap(await Bun.file(values.map).text());
    const file = await openFile(path, map);
    const client = await connect(await accessOf(values, env, input));
    try {
      const about = { source: values.source ?? "", dry_run: values["dry-run"], overwrite: values.overwrite };
      print(`${path} is ${file.format}`, false);
      return (await importFile(client, file, about, { say: (line) => print(line, false) })) ? 0 : 1;
    } finally {
      await client.close();
    }
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

/** @throws Error when it is not said who logs in, or an address has a password in it */
async function accessOf(
  values: { url?: string | undefined; username?: string | undefined; "password-stdin": boolean },
  env: Environment,
  input: Input,
): Promise<ClientOptions> {
  const url = URL.parse(values.url ?? env["STOA_URL"] ?? "http://localhost:8080");
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error("The address of the server is an http: or https: URL.");
  if (url.username || url.password) throw new Error("Do not put a password into the address; use STOA_PASSWORD.");
  const { username } = values;
  if (username === undefined) {
    const token = env["STOA_TOKEN"];
    if (!token) throw new Error("Say who logs in with --username, or set STOA_TOKEN.");
    return { url: url.origin, token };
  }
  const password = values["password-stdin"]
    ? (await input.stdin()).split(/\r?\n/)[0]
    : (env["STOA_PASSWORD"] ?? (await input.ask(`Password of ${username}: `)));
  if (!password) throw new Error("There is no password; set STOA_PASSWORD, or use --password-stdin.");
  return { url: url.origin, login: { username, password } };
}

/** Asks on the terminal without showing what is typed; null without a terminal. */
async function askHidden(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  process.stderr.write(question);
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const chunk of process.stdin) {
      for (const char of String(chunk)) {
        if (char === "\u0003") return null;
        if (char === "\r" || char === "\n") return typed;
        typed = char === "\u007f" ? typed.slice(0, -1) : typed + char;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}
