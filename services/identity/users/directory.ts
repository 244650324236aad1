import { type Database, sql } from "@stoa/db";
import { normalUsername } from "./names.ts";
import type { DirectoryEntry } from "./schema.ts";

/** Whom a user finds by name: anyone active, by exact username. */
export async function searchDirectory(db: Database, q: string): Promise<DirectoryEntry[]> {
  return db.query<DirectoryEntry>(
    sql`select id, username, full_name from users where username = ${normalUsername(q.trim())} and is_active = 1`,
  );
}
