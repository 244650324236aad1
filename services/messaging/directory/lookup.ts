import { among, select, sql, timeOf } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { directory } from "./table.ts";

/** Users as a request names them. */
export interface Named {
  readonly ids?: readonly string[] | undefined;
  readonly usernames?: readonly string[] | undefined;
}

/**
 * Finds the users that a request names, each once, waiting a moment for one who registered just now.
 *
 * @returns their ids
 * @throws StoaError `not_found` when one of them does not exist, or was erased
 */
export async function findUsers({ db, readYourWrites }: PeopleDeps, named: Named): Promise<string[]> {
  const ids = [...new Set(named.ids)];
  const usernames = [...new Set(named.usernames?.map((name) => name.toLowerCase()))];
  const look = async () => {
    const { user_id, username } = directory;
    const found = await db.query(
      select(
        { user_id, username },
        sql`from ${directory} where erased_at is null and (
          user_id in ${among(ids)} or
          username in ${among(usernames)})`,
      ),
    );
    const complete =
      ids.every((id) => found.some((user) => user.user_id === id)) &&
      usernames.every((name) => found.some((user) => user.username === name));
    return complete ? found.map((user) => user.user_id) : undefined;
  };
  // Waiting is only worth it for a user who is new, and their id says so; a name does not.
  const newest = usernames.length > 0 ? undefined : ids.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  const users = await readYourWrites.lookup(look, newest);
  if (!users) throw noSuchUsers();
  return users;
}

/** The part of a command that none of the users who were found was erased meanwhile. */
export function stillThere(user_ids: readonly string[]): Part {
  return {
    guard: sql`not exists (select 1 from directory where user_id in ${among(user_ids)} and erased_at is not null)`,
    why: noSuchUsers,
  };
}

function noSuchUsers(): StoaError {
  return new StoaError("not_found", { detail: "One of these people does not exist." });
}
