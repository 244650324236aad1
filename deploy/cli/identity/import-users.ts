import { existsSync } from "node:fs";
import { type Database, sql } from "@stoa/db";
import { type Cause, system } from "@stoa/events";
import { linesIn } from "@stoa/identity/import/lines";
import type { LineOutcome } from "@stoa/identity/import/schema";
import { importUsers as importLines } from "@stoa/identity/import/users";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { withIdentity } from "./database.ts";
import { progress } from "./progress.ts";

/** The cause in the audit trail: no user who has logged in, but this command. */
const cause: Cause = { ...system, device_info: "bun run identity" };

/** Imports the users of another system, with the hashes of their passwords. */
export const importUsers: Command = {
  usage: `  import-users FILE     import users from JSON lines: {email, username?, full_name?, password_hash?, roles?}.
                        Password hashes may be bcrypt or argon2. For each refused line, its number and the
                        reason are printed. After an interruption, import the same file again: users that an
                        earlier import has created stay unchanged`,
  routeInstead: "POST /api/v1/auth/users/import",
  run: ({ args, env, say }: CommandContext) => {
    const [file, ...more] = args;
    if (file === undefined || more.length > 0) throw new UsageError("Name one file to import.");
    if (!existsSync(file)) throw new Error("There is no such file.");
    return withIdentity(env, async (db) => {
      await requireSuperuser(db);
      return bring(db, file, say);
    });
  },
};

async function bring(db: Database, file: string, say: (line: string) => void): Promise<boolean> {
  const totals = { created: 0, unchanged: 0, refused: 0, failed: 0 };
  const shown = progress(Bun.file(file).size);
  const lines = linesIn(shown.watch(Bun.file(file).stream()));
  for await (const outcomes of importLines({ db, now: () => new Date() }, cause, lines)) {
    for (const outcome of outcomes) {
      totals[outcome.outcome]++;
      if (outcome.error) shown.aside(() => say(refusal(outcome)));
    }
    shown.tick(() => summary(totals));
  }
  shown.end();
  say(summary(totals));
  return totals.refused === 0;
}

/** The number of a refused line and the reason, and nothing of its content. */
function refusal({ line, error }: LineOutcome): string {
  const fields = (error?.errors ?? []).map(({ path, message }) => `${path || "/"}: ${message}`);
  const reasons = fields.length > 0 ? fields.join(" ") : error?.detail;
  return `line ${line}: ${error?.error_code}: ${reasons}`;
}

function summary({ created, unchanged, refused }: Readonly<Record<LineOutcome["outcome"], number>>): string {
  return `${created} created, ${unchanged} unchanged, ${refused} refused`;
}

/** The first superuser is created only when there is no user at all, so importing first would prevent it. */
async function requireSuperuser(db: Database): Promise<void> {
  const [someone] = await db.query(sql`select 1 from users limit 1`);
  if (!someone) throw new Error("There is no superuser yet; start Stoa once, then import.");
}
