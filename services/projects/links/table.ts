import type { LinkType } from "@stoa/events";
import { sql } from "drizzle-orm";
import { index, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { tasks } from "../tasks/table.ts";

/** How tasks hang together: `task_id` blocks, duplicates or relates to `linked_task_id`. */
export const links = sqliteTable(
  "links",
  {
    id: text().primaryKey(),
    type: text().$type<LinkType>().notNull(),
    task_id: text()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    linked_task_id: text()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    /** The two tasks, in either order where the direction means nothing: so that no link is there twice. */
    pair: text()
      .notNull()
      .generatedAlwaysAs(
        sql`case when type = 'relates_to' then min(task_id, linked_task_id) || max(task_id, linked_task_id) else task_id || linked_task_id end`,
        { mode: "virtual" },
      ),
    created_at: text().notNull(),
  },
  (t) => [
    uniqueIndex("links_pair").on(t.pair, t.type),
    index("links_task").on(t.task_id, t.type, t.linked_task_id),
    index("links_linked_task").on(t.linked_task_id, t.type, t.task_id),
  ],
);
