import { type Handler, on } from "@stoa/bus/types";
import { raw, type Sql, sql } from "@stoa/db";
import { commitTime } from "../commit-time.ts";

/** Stands for every project, and everybody's own tasks, among the projects to which access began or ended. */
const EVERYTHING = "*";

/** Tokens follow a change of superusers within a second, so that a read may still go by what held before. */
const LEEWAY_MS = 60_000;

/** A superuser's access to everything begins and ends: whoever reads only changes is told by their next ones. */
export const superuserHandlers: readonly Handler[] = [
  on("reaction", "user.superuser_changed", ({ data: { user_id, is_superuser } }) => {
    const column = raw(is_superuser ? "gained_at" : "lost_at");
    return [
      sql`insert into access_changes (user_id, project_id, ${column}, changed_at)
        values (${user_id}, ${EVERYTHING}, ${raw(commitTime)}, ${raw(commitTime)})
        on conflict (user_id, project_id) do update set ${column} = excluded.${column}, changed_at = excluded.changed_at`,
    ];
  }),
];

/** Selects the row of a user whose access to everything began or ended since a moment. */
const since = (user_id: string, column: "gained_at" | "lost_at", time: string): Sql =>
  sql`from access_changes where user_id = ${user_id} and project_id = ${EVERYTHING}
    and ${raw(column)} >= ${new Date(Date.parse(time) - LEEWAY_MS).toISOString()}`;

/** From when on changed tasks are told: from that moment, or all of them to whoever has become a superuser since. */
export const movedBack = (user_id: string, time: string): Sql =>
  sql`coalesce((select '' ${since(user_id, "gained_at", time)}), ${time})`;

/** The condition that a user was a superuser at that moment, or after it, and is none now. */
export const lostEverything = (user_id: string, time: string): Sql =>
  sql`exists (select 1 ${since(user_id, "lost_at", time)})`;

/** Selects every task that a former superuser may have seen: as `id, version, lost_at, project_id, creator_id`. */
export const seenAsSuperuser = (user_id: string, time: string): Sql =>
  sql`select x.id, x.version, a.lost_at, x.project_id, x.creator_id
    from (select lost_at ${since(user_id, "lost_at", time)}) a
    join tasks x on x.created_at <= strftime('%Y-%m-%dT%H:%M:%fZ', a.lost_at, ${`+${LEEWAY_MS / 1_000} seconds`})`;
