import { computed, raw, select, sql } from "@stoa/db";
import { OperatorError, StoaError } from "@stoa/errors";
import { system } from "@stoa/events";
import { retrying, unclaimed } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { generatePassword } from "../passwords/generate.ts";
import { addUser, register } from "./register.ts";
import { users } from "./table.ts";

/** Who the first superuser is to be. */
export interface FirstSuperuser {
  readonly email: string;
  /** Generated when absent. */
  readonly password?: string | undefined;
}

/**
 * Adds the first superuser to a database that has no user at all, in the way that every user is added.
 *
 * @returns the generated password, to be printed once; undefined when none was generated
 * @throws OperatorError when the given password is too weak.
 */
export async function ensureFirstSuperuser(deps: Deps, first: FirstSuperuser): Promise<string | undefined> {
  const password = first.password ?? generatePassword();
  const user = { email: first.email, password, is_superuser: true, source: "first_superuser" } as const;
  // A generated password needs no estimate, which would load the dictionaries.
  const add = first.password === undefined ? addUser : register;
  const outcome = await retrying(deps.db, "first superuser", async () => {
    const [someone] = await deps.db.query(select({ one: computed<number>(raw("1")) }, sql`from ${users} limit 1`));
    if (someone) return "there";
    try {
      return (await add(deps, system, user, unclaimed)) && "added";
    } catch (error) {
      // Another process was faster.
      if (error instanceof StoaError && error.code === "email_taken") return "there";
      const weak = error instanceof StoaError && error.code === "weak_password";
      throw weak ? new OperatorError(`FIRST_SUPERUSER_PASSWORD is refused. ${error.message}`, { cause: error }) : error;
    }
  });
  return outcome === "added" && first.password === undefined ? password : undefined;
}
