import type { Actor } from "@stoa/auth";
import { among, computed, newId, type Sql, select, selectDistinct, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, command, type Part, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endSessions, isFull } from "../sessions/end.ts";
import { sessions } from "../sessions/table.ts";
import { type UserAction, userActions } from "./actions.ts";
import { isDisabled } from "./disable.ts";
import { keepsASuperuser } from "./last-superuser.ts";
import { selectUsers, shapeUser } from "./read.ts";
import type { BulkChange, User } from "./schema.ts";
import { users } from "./table.ts";

/**
 * Disables, enables or logs out up to 200 users, all or none of them: one batch, in which each who changes has an
 * event of their own, as if it had been done one by one. A user whom the action would not change stays as they are.
 *
 * @returns the users, in the order of the ids
 * @throws StoaError `not_found` when one of them does not exist; `last_superuser`.
 */
export async function changeUsers(deps: Deps, actor: Actor, { ids, action: name }: BulkChange): Promise<User[]> {
  const { db, now } = deps;
  await retrying(db, "users", async () => {
    const action = userActions[name](actor.cause, now().toISOString());
    const shape = { id: users.id, changes: computed<number>(action.changes) };
    const rows = await db.query(select(shape, sql`from ${users} where id in ${among(ids)} order by id`));
    requireAll(ids, rows);
    const changing = rows.filter(({ changes }) => changes === 1).map(({ id }) => id);
    return changing.length === 0 || write(deps, actor, action, changing, ids);
  });
  if (name === "disable") await endLeft(deps, actor, ids);
  const changed = await db.query(selectUsers(sql`id in ${among(ids)}`));
  const byId = new Map(changed.map((user) => [user.id, user]));
  return ids.flatMap((id) => byId.get(id) ?? []).map(shapeUser);
}

/** Undefined when one of the users is not as they were read. */
async function write(
  deps: Deps,
  { cause }: Actor,
  action: UserAction,
  changing: readonly string[],
  ids: readonly string[],
): Promise<true | undefined> {
  const [first, ...others] = changing.map((id) => ({ ...action.event(id), event_id: newId() }));
  if (!first) return true;
  const changed: Part = {
    guard: sql`${count(ids, sql`1`)} and ${count(changing, action.changes)}`,
    effects: (happened) => [
      ...action.effects(first.aggregate_id, happened),
      ...others.flatMap((event) => {
        const appended = append(cause, event, happened);
        return [appended.statement, ...action.effects(event.aggregate_id, appended.happened)];
      }),
    ],
  };
  const rows = await command(deps.db, cause, first, [changed, keepsASuperuser()], whatHappened(first, ...others));
  announce(deps, rows ?? []);
  if (rows?.some(isFull)) for (const user_id of changing) await endSessions(deps, cause, { user_id, reason: "admin" });
  return rows && true;
}

/** The condition that all of these users exist and fulfil the condition. */
function count(ids: readonly string[], condition: Sql): Sql {
  return sql`(select count(*) from users where id in ${among(ids)} and ${condition}) = ${ids.length}`;
}

function requireAll(ids: readonly string[], rows: readonly { readonly id: string }[]): void {
  const known = new Set(rows.map(({ id }) => id));
  const missing = ids.findIndex((id) => !known.has(id));
  if (missing === -1) return;
  throw new StoaError("not_found", {
    detail: "One of the users does not exist; nothing was changed.",
    errors: [{ path: `/ids/${missing}`, message: "There is no user with this id." }],
  });
}

/** Ends what is left of the sessions of those who are disabled: an event names a thousand at most. */
async function endLeft(deps: Deps, { cause }: Actor, ids: readonly string[]): Promise<void> {
  const left = await deps.db.query(
    selectDistinct(
      { user_id: sessions.user_id },
      sql`from ${sessions} where ended_at is null and user_id in ${among(ids)}`,
    ),
  );
  for (const { user_id } of left) await endSessions(deps, cause, { user_id, reason: "admin" }, [isDisabled(user_id)]);
}
