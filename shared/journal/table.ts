import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The one log of a service: a row for every state change, written in the batch of the change itself. `seq` is
 * commit order without holes: INTEGER PRIMARY KEY without AUTOINCREMENT, and triggers (in the migrations, for
 * drizzle knows none) that refuse DELETE and a known event id. Never write it with OR IGNORE, OR REPLACE or an
 * upsert: each would leave holes.
 */
export const journal = sqliteTable(
  "journal",
  {
    seq: integer().primaryKey(),
    event_id: text().notNull().unique(),
    type: text().notNull(),
    aggregate_id: text().notNull(),
    entity_id: text(),
    organization_id: text(),
    actor_id: text(),
    session_id: text(),
    request_id: text(),
    traceparent: text(),
    ip_address: text(),
    device_info: text(),
    time: text().notNull(),
    data: text().notNull(),
    redacted_at: text(),
  },
  (t) => [
    check("journal_data_size", sql`length(cast(${t.data} as blob)) <= 262144`),
    index("journal_aggregate").on(t.aggregate_id, t.seq),
    index("journal_entity").on(t.entity_id, t.seq),
    index("journal_time").on(t.time),
    index("journal_actor").on(t.actor_id, t.seq),
    index("journal_redacted_at").on(t.redacted_at).where(sql`redacted_at is not null`),
  ],
);

/** A row of the journal. */
export type JournalRow = typeof journal.$inferSelect;

/** The journal's own id, one row, made by the first migration: a database made anew has another. */
export const journalIdentity = sqliteTable(
  "journal_identity",
  {
    id: integer().primaryKey(),
    journal_id: text().notNull(),
  },
  (t) => [check("journal_identity_is_one_row", sql`${t.id} = 1`)],
);

/**
 * Where rules that need their own error abort a batch: inserting a rule's name here always fails, on the CHECK that
 * bears the name. Each service adds its rules in its `table.ts`; the table stays empty for ever.
 */
export function guardTable<const Rules extends readonly string[]>(rules: Rules) {
  return sqliteTable("guard", { rule: text().notNull() }, (t) =>
    rules.map((rule) => check(rule, sql`${t.rule} <> ${sql.raw(`'${rule}'`)}`)),
  );
}
