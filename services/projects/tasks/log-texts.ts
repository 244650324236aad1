import type { Actor } from "@stoa/auth";
import { type Database, select, sql } from "@stoa/db";
import { type Change, formerMember } from "@stoa/events";
import { accessible } from "../access.ts";
import { directory } from "../directory/table.ts";
import { projects } from "../projects/table.ts";
import type { LogChange } from "./schema.ts";
import { tasks } from "./table.ts";

/** Fields whose values are ids of users, tasks or projects. */
const referring: readonly string[] = [
  "assignee_ids",
  "parent_id",
  "project_id",
  // What another task is to this one; see `../links/events.ts`.
  "blocks",
  "is_blocked_by",
  "relates_to",
  "duplicates",
  "is_duplicated_by",
];

/** What a change's values read as. */
export type ChangeTexts = Pick<LogChange, "from_text" | "to_text">;

/**
 * The texts of the values of changes, for people: names for ids, as they are now. What the user may not see, or is no
 * longer there, has none; someone who was erased is a former member.
 *
 * @returns a function of each change; none of the database
 */
export async function textsOf(
  db: Database,
  actor: Actor,
  changes: readonly Change[],
): Promise<(change: Change) => ChangeTexts> {
  const ids = idsIn(changes);
  const names = ids.length === 0 ? new Map<string, string>() : await namesOf(db, actor, ids);
  return ({ field, from, to }) => {
    const read = (value: unknown) => textOf(referring.includes(field) ? namesIn(value, names) : value);
    return { from_text: read(from), to_text: read(to) };
  };
}

function idsIn(changes: readonly Change[]): string[] {
  const values = changes.flatMap(({ field, from, to }) => (referring.includes(field) ? [from, to] : []));
  return [...new Set(values.flat().filter((value) => typeof value === "string"))];
}

async function namesOf(db: Database, actor: Actor, ids: readonly string[]): Promise<Map<string, string>> {
  const among = sql`in (select value from json_each(${JSON.stringify(ids)}))`;
  const { user_id, username, full_name, erased_at } = directory;
  const [people, parents, places] = await db.queryAll([
    select({ user_id, username, full_name, erased_at }, sql`from ${directory} where ${user_id} ${among}`),
    select(
      { id: tasks.id, key: tasks.key, title: tasks.title },
      sql`from ${tasks} where ${tasks.id} ${among}
        and (${accessible(actor, "read", tasks.project_id)}
          or (${tasks.project_id} is null and ${tasks.creator_id} = ${actor.user_id}))`,
    ),
    select(
      { id: projects.id, name: projects.name },
      sql`from ${projects} where ${projects.id} ${among} and ${accessible(actor, "read", projects.id)}`,
    ),
  ]);
  return new Map([
    ...people.map((one): [string, string] => [
      one.user_id,
      one.erased_at === null ? (one.full_name ?? one.username ?? "") : formerMember,
    ]),
    ...parents.map(({ id, key, title }): [string, string] => [id, key === null ? title : `${key} ${title}`]),
    ...places.map(({ id, name }): [string, string] => [id, name]),
  ]);
}

function namesIn(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value))
    return value.map((id: unknown) => names.get(String(id))).filter((name) => name !== undefined);
  return typeof value === "string" ? (names.get(value) ?? null) : null;
}

/** A list with commas, nothing as null, and anything else as it is. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.join(", ");
  return String(value);
}
