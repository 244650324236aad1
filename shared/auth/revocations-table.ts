import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The revocation set as a projection, for Workers, which cannot follow a stream. The service's projector fills the
 * table (`revocationHandlers`) and its verifier reads it (`tableRevocations`).
 */
export const revocations = sqliteTable(
  "revocations",
  {
    subject: text().primaryKey(),
    value: text().notNull(),
    changed_at: text().notNull(),
    /** When every token that the row concerns has expired. */
    forget_at: text().notNull(),
  },
  (t) => [index("revocations_forget_at").on(t.forget_at)],
);
