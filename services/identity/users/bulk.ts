import type { Actor } from "@stoa/auth";
import { all, type Sql, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Appended, append, commit, retrying } from "@stoa/journal";
import { announce } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endingIdsJson, endingUpdate, endSessions, sessionsRevoked } from "../sessions/end.ts";
import { aSuperuserStays } from "./last-superuser.ts";
import { type StoredUser, selectUsers, shapeUser } from "./read.ts";
import type { BulkChange, User } from "./schema.ts";

/** What happens to each user: whom it concerns at all, the event, and what follows from it. */
interface Deed {
  /** Of the users table. */
  readonly concerns: Sql;
  event(user_id: string, when: Sql): Appended;
  effects(user_id: string, happened: Sql): readonly Sql[];
}

/**
 * Disables, enables or logs out up to 200 users, all or none of them: one batch, in which each who changes has an
 * event of their own, as if it had been done one by one. Who is so already stays as they are.
 *
 * @returns the users, in the order of the ids
 * @throws StoaError `not_found` when one of them does not exist; `last_superuser`
 */
export async function changeUsers(deps: Deps, actor: Actor, { ids, action }: BulkChange): Promise<User[]> {
  const wanted = JSON.stringify(ids);
  const named = sql`users.id in (select value from json_each(${wanted}))`;
  await retrying(async () => {
    const deed = deeds[action](actor, deps.now().toISOString());
    const rows = await deps.db.query<{ id: string; concerned: number }>(
      sql`select id, ${deed.concerns} as concerned from users where ${named} order by id`,
    );
    requireAll(ids, rows);
    const concerned = rows.filter((row) => row.concerned === 1).map(({ id }) => id);
    return concerned.length === 0 || (await write(deps, deed, concerned, ids)) || undefined;
  });
  // An event names a thousand sessions at most.
  if (action !== "enable") await endTheRest(deps, actor, wanted);
  const users = await deps.db.query<StoredUser>(selectUsers(named));
  const byId = new Map(users.map((user) => [user.id, user]));
  return ids.flatMap((id) => byId.get(id) ?? []).map(shapeUser);
}

const deeds: Readonly<Record<BulkChange["action"], (actor: Actor, time: string) => Deed>> = {
  disable: ({ cause }, time) => ({
    concerns: sql`is_active = 1`,
    event: (user_id, when) =>
      append(
        cause,
        {
          type: "user.disabled",
          aggregate_id: user_id,
          time,
          data: { user_id, session_ids: endingIdsJson({ user_id }) },
        },
        when,
      ),
    effects: (user_id, happened) => [
      sql`update users set is_active = 0, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
      endingUpdate({ user_id, reason: "admin" }, time, happened),
    ],
  }),
  enable: ({ cause }, time) => ({
    concerns: sql`is_active = 0`,
    event: (user_id, when) =>
      append(cause, { type: "user.enabled", aggregate_id: user_id, time, data: { user_id } }, when),
    effects: (user_id, happened) => [
      sql`update users set is_active = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  }),
  logout: ({ cause }, time) => ({
    concerns: sql`exists (select 1 from sessions where user_id = users.id and ended_at is null)`,
    event: (user_id, when) => sessionsRevoked(cause, { user_id, reason: "admin" }, time, when),
    effects: (user_id, happened) => [endingUpdate({ user_id, reason: "admin" }, time, happened)],
  }),
};

/** False when one of those concerned is so no more, or one of all is gone: nothing was written. */
async function write(deps: Deps, deed: Deed, concerned: readonly string[], ids: readonly string[]): Promise<boolean> {
  const count = (of: readonly string[], which: Sql) =>
    sql`(select count(*) from users where id in (select value from json_each(${JSON.stringify(of)})) and ${which})
      = ${of.length}`;
  const asRead = all([count(ids, sql`1`), count(concerned, deed.concerns)]);
  const [leader = "", ...others] = concerned;
  const first = deed.event(leader, asRead);
  const events = [first, ...others.map((id) => deed.event(id, first.happened))];
  const effects = events.flatMap((event, index) => deed.effects(concerned[index] ?? "", event.happened));
  const happened = JSON.stringify(events.map(({ event_id }) => event_id));
  const told = sql`select type, time, data from journal where event_id in (select value from json_each(${happened}))`;
  try {
    const { applied, rows } = await commit(
      deps.db,
      first,
      [...events.slice(1).map(({ statement }) => statement), ...effects, aSuperuserStays(first.happened)],
      told,
    );
    announce(deps, rows);
    return applied;
  } catch (error) {
    if (violates(error, "last_superuser")) throw new StoaError("last_superuser", { cause: error });
    throw error;
  }
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

async function endTheRest(deps: Deps, actor: Actor, wanted: string): Promise<void> {
  const left = await deps.db.query<{ user_id: string }>(
    sql`select distinct user_id from sessions
      where ended_at is null and user_id in (select value from json_each(${wanted}))`,
  );
  for (const { user_id } of left) await endSessions(deps, actor.cause, { user_id, reason: "admin" });
}
