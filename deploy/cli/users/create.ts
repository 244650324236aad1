import { type Database, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Cause, system } from "@stoa/events";
import { normalize } from "@stoa/http/normalize";
import { validatorOf } from "@stoa/http/validator";
import type { UserDeps } from "@stoa/identity/deps";
import { generatePassword } from "@stoa/identity/passwords/generate";
import { register } from "@stoa/identity/users/register";
import { NewUser } from "@stoa/identity/users/schema";
import { retrying, unclaimed } from "@stoa/journal";

/** The cause in the audit trail: no user who has logged in, but this command. */
export const cause: Cause = { ...system, device_info: "stoa users" };

const validator = validatorOf(NewUser, {});

/** A user to be, as the command line says it. */
export interface Wanted {
  readonly email: string;
  readonly username?: string | undefined;
  readonly full_name?: string | undefined;
  readonly is_superuser: boolean;
  readonly email_verified: boolean;
  /** Generated when absent. */
  readonly password?: string | undefined;
}

/**
 * Adds a user as POST /auth/users does.
 *
 * @returns what to print: who was added, and the password if it was generated
 * @throws StoaError for what that route refuses; Error when there is no superuser yet and this is not to be one
 */
export async function createUser(deps: UserDeps, wanted: Wanted): Promise<string[]> {
  if (!wanted.is_superuser) await requireSuperuser(deps.db);
  const password = wanted.password ?? generatePassword();
  const { value, errors } = normalize(stated({ ...wanted, password }), validator.schema);
  const refused = [...errors, ...validator.validate(value)];
  if (refused.length > 0) throw new StoaError("validation_failed", { errors: refused });
  const body = value as NewUser;
  const user = await retrying(deps.db, "new user", () =>
    register(deps, cause, { ...body, source: "admin" }, unclaimed),
  );
  const added = `added ${user.username} (${user.id})`;
  return wanted.password === undefined ? [added, `password, shown this once: ${password}`] : [added];
}

/** The members that have a value. */
function stated(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** The first superuser is created only when there is no user at all, so another user would prevent it. */
async function requireSuperuser(db: Database): Promise<void> {
  const [someone] = await db.query(sql`select 1 from users limit 1`);
  if (!someone) throw new Error("There is no superuser yet; start Stoa once, or create one with --superuser.");
}
