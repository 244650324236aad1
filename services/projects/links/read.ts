import { type Database, pickColumns, type Select, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { LinkType } from "@stoa/events";
import { Link } from "./schema.ts";
import { links } from "./table.ts";

/** The columns of a link: those that the answer has. */
export const linkColumns = pickColumns(links, Link.properties);

/** One link: the answer of a command. It does not check who may see it. */
export function selectLink(id: string): Select<Link> {
  return select(linkColumns, sql`from ${links} where id = ${id}`);
}

/** A link of a task, in either direction. @throws StoaError `not_found`. */
export async function readLink(db: Database, task_id: string, id: string): Promise<Link> {
  const [link] = await db.query(selectLink(id));
  if (link?.task_id !== task_id && link?.linked_task_id !== task_id) {
    throw new StoaError("not_found", { detail: "This task has no such link." });
  }
  return link;
}

/** The condition of the link between two tasks; where the direction means nothing, of either direction. */
export function linking(type: LinkType, task_id: string, linked_task_id: string): Sql {
  return sql`pair = ${pairOf(type, task_id, linked_task_id)} and type = ${type}`;
}

/** The `pair` of a link, as the table makes it. */
export function pairOf(type: LinkType, task_id: string, linked_task_id: string): string {
  const ids = [task_id, linked_task_id];
  return (type === "relates_to" ? ids.toSorted() : ids).join("");
}
