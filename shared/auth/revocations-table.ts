import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The revocation set as a projection, for Workers, which have no stream to tail: the service's projector keeps it
 * (`revocationHandlers`), its verifier reads it (`tableRevocations`).
 */
export const revocations = sqliteTable(
  "revocations",
  {
    subject: text().primaryKey(),
    value: text().notNull(),
    changed_at: text().notNull(),
    /** After this no token lives that the row concerns. */
    forget_at: text().notNull(),
  },
  (t) => [index("revocations_forget_at").on(t.forget_at)],
);
