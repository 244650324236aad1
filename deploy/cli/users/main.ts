import { parseArgs } from "node:util";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { UserDeps } from "@stoa/identity/deps";
import { removeSecondFactor } from "@stoa/identity/mfa/change";
import { generatePassword } from "@stoa/identity/passwords/generate";
import { bunPasswords } from "@stoa/identity/passwords-bun";
import { disableUser, enableUser } from "@stoa/identity/users/disable";
import { setPassword } from "@stoa/identity/users/set-password";
import { setSuperuser } from "@stoa/identity/users/set-superuser";
import { called } from "../called.ts";
import { besideStoa, type Environment } from "../db/target.ts";
import { explain } from "../explain.ts";
import { withIdentity } from "../identity/database.ts";
import { settingsOf } from "../settings.ts";
import { cause, createUser } from "./create.ts";
import { findUser } from "./find.ts";
import { listUsers } from "./list.ts";
import { leftWithoutOwner } from "./without-owner.ts";

const usage = `${called("users")} <command>

  list                       show all users
  create EMAIL               add a user; the password is generated and printed once
    --username NAME          by default made from the e-mail
    --name TEXT              the full name
    --superuser              as a superuser
    --verified               the e-mail needs no confirmation; otherwise a mail asks for it
    --password-stdin         read the password from standard input instead
  disable USER               end all sessions of a user and let them in no more
  enable USER                let a user in again
  reset-password USER        give a user a new password, which is printed once, and end all their sessions
  remove-mfa USER            remove a user's second factor, which they have lost
  make-superuser USER        make a user a superuser

USER is an id, a username or an e-mail. All commands work while Stoa runs, which follows within a second. The database is
IDENTITY_DATABASE_URL with …_AUTH_TOKEN; by default, it is a file in DATA_DIR.`;

const options = {
  username: { type: "string" },
  name: { type: "string" },
  superuser: { type: "boolean", default: false },
  verified: { type: "boolean", default: false },
  "password-stdin": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

/** What a command works with: who or what it is about, and the rest of the command line. */
interface Call {
  readonly deps: UserDeps;
  readonly name: string;
  readonly values: Values;
  readonly input: () => Promise<string>;
  readonly say: (line: string) => void;
}

const commands = new Map<string, (call: Call) => Promise<void>>([
  ["create", create],
  ["disable", changing(disable)],
  ["enable", changing((deps, id) => enableUser(deps, { cause }, id).then(({ username }) => [`enabled ${username}`]))],
  ["reset-password", changing(resetPassword)],
  ["remove-mfa", changing(removeFactor)],
  [
    "make-superuser",
    changing((deps, id) =>
      setSuperuser(deps, { cause }, id, true).then(({ username }) => [`${username} is a superuser`]),
    ),
  ],
]);

/** The arguments on the command line are wrong. */
class UsageError extends Error {}

/**
 * `stoa users`.
 *
 * @param input reads standard input to its end
 * @returns the exit code: 0 when all is well, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
  input: () => Promise<string> = () => Bun.stdin.text(),
): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const say = (line: string) => print(line, false);
    if (values.help) {
      say(usage);
      return 0;
    }
    const [command = "", name, ...more] = positionals;
    if (command === "list" && name === undefined) {
      await withIdentity(env, async (db) => void (await list(db, say)), besideStoa);
      return 0;
    }
    const work = commands.get(command);
    if (!work && command !== "" && command !== "list") {
      throw new UsageError(`There is no command ${command}.\n\n${usage}`);
    }
    if (command === "list") throw new UsageError(`list takes no arguments.\n\n${usage}`);
    if (!work) throw new UsageError(usage);
    if (name === undefined || more.length > 0) {
      throw new UsageError(`Name one ${command === "create" ? "e-mail address" : "user"}.\n\n${usage}`);
    }
    const { public_url } = settingsOf(env);
    await withIdentity(env, (db) => work({ deps: depsOf(db, public_url), name, values, input, say }), besideStoa);
    return 0;
  } catch (error) {
    print(explain(error), true);
    return 1;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, { cause: error });
  }
}

function depsOf(db: Database, public_url: string): UserDeps {
  return {
    db,
    now: () => new Date(),
    passwords: bunPasswords(),
    public_url,
    revoke: () => {
      // A running Stoa reads from the journal what was revoked.
    },
  };
}

async function list(db: Database, say: (line: string) => void): Promise<void> {
  for await (const line of listUsers(db)) say(line);
}

async function create({ deps, name, values, input, say }: Call): Promise<void> {
  const password = values["password-stdin"] ? (await input()).replace(/\r?\n$/, "") : undefined;
  const lines = await createUser(deps, {
    email: name,
    username: values.username,
    full_name: values.name,
    is_superuser: values.superuser,
    email_verified: values.verified,
    password,
  });
  for (const line of lines) say(line);
}

async function disable(deps: UserDeps, user_id: string): Promise<string[]> {
  const { username } = await disableUser(deps, { cause }, user_id);
  return [`disabled ${username}`, ...(await leftWithoutOwner(deps.db, user_id))];
}

async function resetPassword(deps: UserDeps, user_id: string): Promise<string[]> {
  const password = generatePassword();
  await setPassword(deps, cause, user_id, password);
  return [`password, shown this once: ${password}`];
}

async function removeFactor(deps: UserDeps, user_id: string): Promise<string[]> {
  try {
    await removeSecondFactor(deps, cause, user_id);
    return ["removed the second factor"];
  } catch (error) {
    // The route says how to enrol one, which is of no use here.
    if (!(error instanceof StoaError) || error.code !== "mfa_not_enabled") throw error;
    throw new Error("This user has no second factor.", { cause: error });
  }
}

function changing(change: (deps: UserDeps, user_id: string) => Promise<string[]>) {
  return async ({ deps, name, say }: Call): Promise<void> => {
    for (const line of await change(deps, await findUser(deps.db, name))) say(line);
  };
}
