import { type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { directory } from "./table.ts";

/** Names a user: by id or by username, whatever its case. */
export interface Someone {
  readonly user_id?: string | undefined;
  readonly username?: string | undefined;
}

/**
 * Finds a user in the directory, waiting a moment for one who registered just now.
 *
 * @throws StoaError `not_found`; `validation_failed` unless exactly one of id and username is given.
 */
export async function findUser(deps: PeopleDeps, { user_id, username }: Someone): Promise<string> {
  if ((user_id === undefined) === (username === undefined)) {
    throw new StoaError("validation_failed", {
      errors: [{ path: "/user_id", message: "Send either user_id or username." }],
    });
  }
  const is = user_id === undefined ? sql`username = ${username?.toLowerCase() ?? null}` : sql`user_id = ${user_id}`;
  const found = await deps.readYourWrites.lookup(() => known(deps, is), user_id);
  if (found === undefined) throw noSuchUser();
  return found;
}

/** The part of a command that a user exists, and was not erased meanwhile: nobody could take them out again. */
export function stillThere(user_id: string): Part {
  return {
    guard: sql`exists (select 1 from directory where user_id = ${user_id} and erased_at is null)`,
    why: noSuchUser,
  };
}

function noSuchUser(): StoaError {
  return new StoaError("not_found", { detail: "There is no such user." });
}

async function known({ db }: Pick<PeopleDeps, "db">, is: Sql): Promise<string | undefined> {
  const { user_id } = directory;
  const [row] = await db.query(select({ user_id }, sql`from ${directory} where ${is} and erased_at is null`));
  return row?.user_id;
}
