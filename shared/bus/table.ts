import type { EventName, ServiceName } from "@stoa/events";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * How far a service has applied each other service's events. A cursor moves only in the batch that applies them. The
 * writer states in `prev` and `parked` what it has read, and triggers (`cursorTriggers`) refuse it when that is no
 * longer so.
 */
export const cursors = sqliteTable("cursors", {
  /** The service whose events these are. */
  source: text().$type<ServiceName>().primaryKey(),
  /** The id of its journal, so that a recreated database is noticed instead of followed. */
  journal_id: text().notNull(),
  /** The sequence from which the writer went on. */
  prev: integer().notNull(),
  /** The last sequence applied. */
  seq: integer().notNull(),
  /** The id of the event at `seq`, so that a restored journal is noticed; null when it is not known yet. */
  event_id: text(),
  /** The last sequence whose reactions were done; a rebuild keeps it. */
  reacted: integer().notNull(),
  /** The fingerprint of the source's dead letters as the writer had read them: `<count>:<highest id>`. */
  parked: text().notNull(),
});

/**
 * Events that could not be applied, and later events of the same aggregate, which wait behind them. `bun run events
 * replay` applies them in order. The id is AUTOINCREMENT because the fingerprint in `cursors.parked` needs ids that are
 * never used again.
 */
export const deadLetters = sqliteTable(
  "dead_letters",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    source: text().$type<ServiceName>().notNull(),
    sequence: integer().notNull(),
    event_id: text().notNull(),
    aggregate_id: text().notNull(),
    /** The event's name, such as `task.completed`. */
    type: text().$type<EventName>().notNull(),
    /** The envelope, JSON. */
    envelope: text().notNull(),
    /** What went wrong, without values; null for an event that is parked behind another. */
    error: text(),
    attempts: integer().notNull().default(0),
    /** Whether it is parked only because an earlier event of its aggregate is. */
    behind: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether its reactions still have to be done. (Its projections always have to.) */
    reactions_due: integer({ mode: "boolean" }).notNull(),
    /** RFC 3339. */
    parked_at: text().notNull(),
  },
  (t) => [
    uniqueIndex("dead_letters_event").on(t.source, t.event_id),
    index("dead_letters_aggregate").on(t.source, t.aggregate_id, t.sequence),
  ],
);

/** The fingerprint of a source's dead letters, as `cursors.parked` holds it. */
export const fingerprintSql = (source: string) =>
  `(select count(*) || ':' || coalesce(max(id), 0) from dead_letters where source = ${source})`;
