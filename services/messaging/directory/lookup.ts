import { sql, timeOf } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { UseCaseDeps } from "../deps.ts";

/** People as a request names them. */
export interface Named {
  readonly ids?: readonly string[] | undefined;
  readonly usernames?: readonly string[] | undefined;
}

/**
 * The ids of people that a request names, each once. Who registered a moment ago is waited for.
 *
 * @throws StoaError `not_found` when someone does not exist, or exists no more
 */
export async function findUsers({ db, readYourWrites }: UseCaseDeps, named: Named): Promise<string[]> {
  const ids = [...new Set(named.ids)];
  const usernames = [...new Set(named.usernames?.map((name) => name.toLowerCase()))];
  const look = async () => {
    const found = await db.query<{ user_id: string; username: string }>(
      sql`select user_id, username from directory where erased_at is null and (
        user_id in (select value from json_each(${JSON.stringify(ids)})) or
        username in (select value from json_each(${JSON.stringify(usernames)})))`,
    );
    const complete =
      ids.every((id) => found.some((user) => user.user_id === id)) &&
      usernames.every((name) => found.some((user) => user.username === name));
    return complete ? found.map((user) => user.user_id) : undefined;
  };
  // Of several the newest id tells whether waiting is worth it; names do not tell.
  const newest = usernames.length > 0 ? undefined : ids.toSorted((a, b) => timeOf(b) - timeOf(a))[0];
  const users = await readYourWrites.lookup(look, newest);
  if (!users) throw new StoaError("not_found", { detail: "One of these people does not exist." });
  return users;
}
