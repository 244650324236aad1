import { Database } from "bun:sqlite";
import { OperatorError } from "@stoa/errors";

/**
 * That this SQLite has what search is made of. Bun brings its own on Linux and Windows and takes the system's on
 * macOS, which may have been built without it.
 *
 * @throws OperatorError with one line that says what is missing
 */
export function requireFullTextSearch(open: () => Database = () => new Database(":memory:")): void {
  const db = open();
  try {
    db.run("create virtual table search using fts5(text, tokenize = 'trigram')");
  } catch (error) {
    const version = db.query<{ v: string }, []>("select sqlite_version() as v").get()?.v;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`SQLite ${version} lacks full-text search with the trigram tokenizer (${reason}).`, {
      cause: error,
    });
  } finally {
    db.close();
  }
}
