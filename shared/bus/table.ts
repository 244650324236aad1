import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * How far a service has applied each other service's events. Moves only in the batch that applies them, and only
 * by triggers that believe the writer (`cursorTriggers`): `prev` and `parked` are what it took for granted, and it is
 * refused when they are not so.
 */
export const cursors = sqliteTable("cursors", {
  /** The service whose events these are. */
  source: text().primaryKey(),
  /** Its journal's id: one made anew is noticed, not followed. */
  journal_id: text().notNull(),
  /** The sequence the writer went on from. */
  prev: integer().notNull(),
  /** The last sequence applied. */
  seq: integer().notNull(),
  /** The last sequence whose reactions were done; a rebuild keeps it. */
  reacted: integer().notNull(),
  /** Fingerprint of the source's dead letters as the writer knew them: `<count>:<highest id>`. */
  parked: text().notNull(),
});

/**
 * Events that could not be applied, and those of the same aggregate behind them. `bun run events replay` applies
 * them in order. AUTOINCREMENT, because the fingerprint in `cursors.parked` relies on ids that never come again.
 */
export const deadLetters = sqliteTable(
  "dead_letters",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    source: text().notNull(),
    sequence: integer().notNull(),
    event_id: text().notNull(),
    aggregate_id: text().notNull(),
    /** The event's name, such as `task.completed`. */
    type: text().notNull(),
    /** The envelope, JSON. */
    envelope: text().notNull(),
    /** What went wrong, without values; null for one parked behind another. */
    error: text(),
    attempts: integer().notNull().default(0),
    /** Parked only because an earlier event of its aggregate is. */
    behind: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether its reactions have yet to be done (its projections always have). */
    reactions_due: integer({ mode: "boolean" }).notNull(),
    /** RFC 3339. */
    parked_at: text().notNull(),
  },
  (t) => [
    uniqueIndex("dead_letters_event").on(t.source, t.event_id),
    index("dead_letters_aggregate").on(t.source, t.aggregate_id, t.sequence),
  ],
);

/** A parked event. */
export type DeadLetter = typeof deadLetters.$inferSelect;

/** The fingerprint of a source's dead letters, as `cursors.parked` holds it. */
export const fingerprintSql = (source: string) =>
  `(select count(*) || ':' || coalesce(max(id), 0) from dead_letters where source = ${source})`;
