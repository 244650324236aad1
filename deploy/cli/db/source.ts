import { existsSync } from "node:fs";
import type { SchemaSql } from "@stoa/db/migrations";
import { migrationsRoot } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { journalTriggers } from "@stoa/journal";

/** What a service's migrations are generated from, and where they are. */
export interface Source {
  readonly name: string;
  /** The folder that contains the folder `name/`. */
  readonly root: URL;
  /** The exports of `tables.ts`. */
  readonly tables: Record<string, unknown>;
  /** SQL that drizzle cannot express. */
  readonly extra: readonly SchemaSql[];
}

/**
 * A service's tables (`services/<name>/tables.ts`) and triggers: the journal's, the cursors' if it has any, and its
 * own from `services/<name>/triggers.ts`.
 */
export async function sourceOf(name: ServiceName): Promise<Source> {
  const folder = new URL(`../../../services/${name}/`, import.meta.url);
  const tables = (await import(new URL("tables.ts", folder).href)) as Record<string, unknown>;
  const extra = [journalTriggers];
  if ("cursors" in tables) extra.push((await import("@stoa/bus/triggers")).cursorTriggers);
  const own = new URL("triggers.ts", folder);
  if (existsSync(own)) extra.push(((await import(own.href)) as { triggers: SchemaSql }).triggers);
  return { name, root: migrationsRoot, tables, extra };
}
