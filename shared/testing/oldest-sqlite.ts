import { Database } from "bun:sqlite";
import { copyFileSync } from "node:fs";
import { createClient } from "@libsql/client";

/** Statements that were compiled once, by the database that they are for. */
const compiled = new Map<string, Set<string>>();

/** A client of libSQL's own library for each of them. */
const clients = new Map<string, ReturnType<typeof createClient>>();

/**
 * Compiles statements by the oldest SQLite that Stoa runs on: sqld and libSQL have 3.45, and Bun has a newer one, on which
 * most tests run. What Bun refuses too is left to the test that ran it.
 *
 * @param template a database file with their tables; it is copied, since no two libraries may have the same file open
 * @param statements their texts, without values
 * @throws Error that names the first one that only Bun takes
 */
export async function requireOldest(template: string, statements: Iterable<string>): Promise<void> {
  const known = compiled.get(template) ?? new Set();
  compiled.set(template, known);
  for (const text of statements) {
    if (known.has(text)) continue;
    known.add(text);
    const refusal = await refusalOf(template, text);
    if (refusal === undefined || !takenByBun(template, text)) continue;
    throw new Error(`SQLite 3.45, which sqld has, refuses a statement that Bun's takes (${refusal}): ${text}`);
  }
}

async function refusalOf(template: string, text: string): Promise<string | undefined> {
  const client = clients.get(template) ?? createClient({ url: `file:${copyOf(template)}` });
  clients.set(template, client);
  try {
    await client.execute(`explain ${text}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function takenByBun(template: string, text: string): boolean {
  using db = new Database(template, { readonly: true });
  try {
    db.prepare(`explain ${text}`).finalize();
    return true;
  } catch {
    return false;
  }
}

function copyOf(template: string): string {
  const copy = `${template}.oldest`;
  copyFileSync(template, copy);
  return copy;
}
