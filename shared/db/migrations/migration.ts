/** One step of a schema, as read from `drizzle/<service>/`. */
export interface Migration {
  /** The file's name without its ending: `0000_initial`. Tags sort in the order in which they apply. */
  readonly tag: string;
  /** SQL of the way up, statements parted by `--> statement-breakpoint`. */
  readonly up: string;
  /** SQL of the way back. */
  readonly down: string;
}

/** SQL that drizzle has no words for (triggers, virtual tables), with its way back. A string is one statement. */
export interface SchemaSql {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** What stands between two statements of a migration. */
export const breakpoint = "--> statement-breakpoint";

/**
 * The statements of a migration's text.
 *
 * @throws Error when one is a PRAGMA. Inside a transaction `foreign_keys=OFF` does nothing, so that the table rebuild
 *   drizzle-kit writes around it would delete the rows of referring tables by cascade.
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

/** SHA-256 of a migration's way up, in hex: tells an applied migration that was edited afterwards. */
export async function hashOf(migration: Migration): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(migration.up));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
