import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, loadConfig } from "@stoa/config";
import { secretKeyName } from "@stoa/config/secret-key";
import { computed, type Database, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Cause, system } from "@stoa/events";
import { type KeyRing, keyRing } from "@stoa/identity/keys/ring";
import { signingKeys } from "@stoa/identity/keys/table";
import { besideStoa, dataDirOf, type Environment, withDatabase } from "../db/target.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { withIdentity } from "./database.ts";

/** The cause in the audit trail: no user who has logged in, but this command. */
const cause: Cause = { ...system, device_info: "bun run identity" };

/** Lists, rotates and revokes the keys that sign access tokens. */
export const keys: Command = {
  usage: `  keys                  show the signing keys
  keys rotate           sign with the published next key from now on, and publish a new next key
  keys revoke KID       for emergencies: refuse all tokens that this key has signed`,
  routeInstead: "POST /api/v1/auth/keys/rotate or POST /api/v1/auth/keys/KID/revoke",
  run: ({ args, env, say }: CommandContext) => {
    const [action = "list", kid = "", ...more] = args;
    const expected = { list: 1, rotate: 1, revoke: 2 }[action];
    if (expected === undefined) throw new UsageError(`There is no command keys ${action}.`);
    if (args.length > expected || more.length > 0) throw new UsageError(`keys ${action} takes fewer arguments.`);
    if (action === "revoke" && kid === "") throw new UsageError("Name the key to revoke.");
    const work = async (db: Database) => {
      if (action !== "list") await change(ringOf(db, env), action, kid);
      for (const line of await listed(db)) say(line);
      return true;
    };
    return withIdentity(env, work, action === "list" ? besideStoa : withDatabase);
  },
};

async function change(ring: KeyRing, action: string, kid: string): Promise<void> {
  try {
    if (action === "rotate") await ring.rotate(cause);
    else await ring.revoke(cause, kid, () => undefined);
  } catch (error) {
    if (!(error instanceof StoaError)) throw error;
    if (error.code === "not_found") throw new Error("There is no such key.", { cause: error });
    const seconds = error.headers?.["retry-after"];
    throw seconds === undefined
      ? error
      : new Error(`Some verifiers may not know the next key yet; try again in ${seconds} s.`);
  }
}

function ringOf(db: Database, env: Environment): KeyRing {
  // A secret generated here would encrypt keys that the service cannot decrypt.
  if (!env["SECRET_KEY"] && !existsSync(join(dataDirOf(env), secretKeyName))) {
    throw new ConfigError("SECRET_KEY", "must be set to the same value as for the service.");
  }
  const config = loadConfig(env, env["NATS_URL"] ? "identity" : "standalone");
  const { secret_key, secret_key_previous } = config;
  return keyRing({
    db,
    now: () => new Date(),
    secrets: secret_key_previous === null ? [secret_key] : [secret_key, secret_key_previous],
    access_token_seconds: config.access_token_expire_minutes * 60,
  });
}

async function listed(db: Database): Promise<string[]> {
  const { kid, status, created_at } = signingKeys;
  const at = computed<string | null>(sql`coalesce(expires_at, activated_at)`);
  const rows = await db.query(
    select({ kid, status, created_at, at }, sql`from ${signingKeys} order by created_at desc, kid`),
  );
  const since = { next: "", active: "signs since ", retiring: "verifies until ", revoked: "withdrawn " };
  return rows.map(({ kid, status, created_at, at }) => {
    const then = at === null ? "" : `, ${since[status as keyof typeof since]}${at}`;
    return `${status.padEnd(8)}  ${kid}  published ${created_at}${then}`;
  });
}
