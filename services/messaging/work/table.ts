import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { WorkEventName } from "./names.ts";

/** How many events of projects are kept: twice as many as a client may be behind, so that a slow one still finds them. */
export const KEPT = 20_000;

/** How many events are forgotten together, once they are too old: so many more may be kept. */
export const FORGOTTEN = 100;

/**
 * The last events of projects, for streams that go on after a cut: a projection that forgets. Every hundredth
 * event takes the ones out that are too old to be resumed, so that a table that is built again from the first has the same rows.
 */
export const workEvents = sqliteTable(
  "work_events",
  {
    /** That of the journal of projects. */
    seq: integer().primaryKey(),
    type: text().$type<WorkEventName>().notNull(),
    /** The project; for a personal task its creator. */
    aggregate_id: text().notNull(),
    /** Null for a personal task. */
    project_id: text(),
    /** The task, if it is about one. */
    entity_id: text(),
    /** Whom else it concerns: the project that a task left, the user who was removed, the organization that was left. */
    also_id: text(),
    /** Of a purged project: who owned it, a JSON array. Nobody knows that afterwards. */
    owners: text(),
    actor_id: text(),
    time: text().notNull(),
    data: text().notNull(),
  },
  (t) => [index("work_events_entity").on(t.entity_id, t.seq)],
);
