/** One step of a schema, as read from `drizzle/<service>/`. */
export interface Migration {
  /** The file's name without its extension: `0000_initial`. Tags sort in the order in which they are applied. */
  readonly tag: string;
  /** The SQL that applies it, with `--> statement-breakpoint` between statements. */
  readonly up: string;
  /** The SQL that undoes it. */
  readonly down: string;
}

/** SQL that drizzle cannot express (triggers, virtual tables), and the SQL that undoes it; one string a statement. */
export interface SchemaSql {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** The separator between two statements of a migration. */
export const breakpoint = "--> statement-breakpoint";

/**
 * Splits a migration's text into its statements.
 *
 * @throws Error when a statement is a PRAGMA. Inside a transaction `foreign_keys=OFF` does nothing, so that the table
 *   rebuild that drizzle-kit writes around it would delete the rows of referring tables by cascade
 */
export function statementsOf(text: string): string[] {
  const statements = text
    .split(breakpoint)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/--.*$/gm, "").trim() !== "");
  if (statements.some((statement) => /^(?:\s|--.*\n)*pragma\b/i.test(statement))) {
    throw new Error(
      "A migration cannot use PRAGMA: in a transaction it has no effect, and dropping a table would delete the rows " +
        "that refer to it. Add a new table or column, copy the rows, and drop the old one in a later migration.",
    );
  }
  return statements;
}

/** SHA-256 of the SQL that applies a migration, in hex. It shows whether the SQL was edited after it was applied. */
export async function hashOf(migration: Migration): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(migration.up));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
