import { sql } from "drizzle-orm";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Kind } from "./schema.ts";

/**
 * What the ids of another system are here, for each user and each source that they import from. The primary key is what
 * keeps two imports at once from making anything twice.
 */
export const imported = sqliteTable(
  "imported",
  {
    owner_id: text().notNull(),
    source: text().notNull(),
    kind: text().$type<Kind>().notNull(),
    external_id: text().notNull(),
    /** The id of the user, project, task or link; of an assignee: the task's. */
    entity_id: text().notNull(),
    /** JSON of the value that each field was last given by an import: what differs now was changed by people. */
    last_values: text().notNull(),
    imported_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.owner_id, t.source, t.kind, t.external_id] }),
    index("imported_user").on(t.entity_id).where(sql`${t.kind} = 'user'`),
  ],
);
