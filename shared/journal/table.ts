import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The one log of a service: every state change has a row, written in the batch of the change itself. `seq` is the
 * commit order without gaps. It is INTEGER PRIMARY KEY without AUTOINCREMENT, and triggers refuse DELETE and a known
 * event id (they are in the migrations, because drizzle has no triggers). Never write the table with OR IGNORE, OR
 * REPLACE or an upsert: each would leave gaps.
 */
export const journal = journalTable();

/**
 * The condition of the events of no project in the journal of projects: they are of a user, who is their aggregate. The
 * index of these is used where this stands as it is.
 */
export const ofNoProject = "data ->> '$.project_id' is null";

/** The journal of projects, which reads by aggregate what is of no project, and only that. */
export const projectsJournal = journalTable({ ofNoProject: true });

/** The journal of a service with an audit trail, which reads events by aggregate and by time. */
export const auditedJournal = journalTable({ byAggregate: true, byTime: true });

function journalTable({ byAggregate = false, ofNoProject: personal = false, byTime = false } = {}) {
  return sqliteTable(
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
      index("journal_entity").on(t.entity_id, t.seq),
      index("journal_actor").on(t.actor_id, t.seq),
      index("journal_redacted_at").on(t.redacted_at).where(sql`redacted_at is not null`),
      ...(byAggregate ? [index("journal_aggregate").on(t.aggregate_id, t.seq)] : []),
      ...(personal ? [index("journal_personal").on(t.aggregate_id, t.seq).where(sql.raw(ofNoProject))] : []),
      ...(byTime ? [index("journal_time").on(t.time)] : []),
    ],
  );
}

/** A row of the journal. */
export type JournalRow = typeof journal.$inferSelect;

/** The journal's own id, in one row that the first migration inserts. A recreated database has another id. */
export const journalIdentity = sqliteTable(
  "journal_identity",
  {
    id: integer().primaryKey(),
    journal_id: text().notNull(),
  },
  (t) => [check("journal_identity_is_one_row", sql`${t.id} = 1`)],
);

/**
 * The table by which a rule with an error of its own aborts a batch: inserting the rule's name always fails, on the
 * CHECK constraint with that name. Each service lists its rules in its `table.ts`. The table always stays empty.
 */
export function guardTable<const Rules extends readonly string[]>(rules: Rules) {
  return sqliteTable("guard", { rule: text().notNull() }, (t) =>
    rules.map((rule) => check(rule, sql`${t.rule} <> ${sql.raw(`'${rule}'`)}`)),
  );
}
