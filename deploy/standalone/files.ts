import { statSync } from "node:fs";
import { basename } from "node:path";
import { type Database, sql } from "@stoa/db";
import { filePathOf } from "@stoa/db/file-path";
import { OperatorError } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { lastSeq } from "@stoa/journal";

/** The start was refused because a database is missing that the others need. */
export class MissingDatabaseError extends OperatorError {
  override readonly name = "MissingDatabaseError";
}

/** What asks whether new databases may begin. */
export interface SiblingOptions {
  /** How to say that an empty database is to begin: `start with --accept-new`. */
  readonly accept: string;
  /** Opens a database that exists; it is called only for those. */
  readonly open: (service: ServiceName) => Promise<Database>;
  /** The services whose databases would be made; all by default. */
  readonly made?: readonly ServiceName[];
}

/**
 * Refuses to make a new database beside databases that have events, also in a file that has no tables, and to begin in a
 * file of zero bytes: a file was lost, or it is another folder than the one that was meant.
 *
 * @throws MissingDatabaseError with one line that names the file and says what to do
 */
export async function requireSiblings(
  databases: Readonly<Partial<Record<ServiceName, { readonly url: string }>>>,
  { accept, open, made = services }: SiblingOptions,
): Promise<void> {
  const files = new Map(
    services.flatMap((service) => {
      const its = databases[service];
      return its ? [[service, stateOf(its.url)] as const] : [];
    }),
  );
  for (const { path, size } of files.values()) {
    if (size === 0) {
      throw new MissingDatabaseError(
        `${path} is empty (0 bytes), so its data is lost. Put a backup in its place, or ${accept} to begin an empty one.`,
      );
    }
  }
  const there = services.filter((service) => files.get(service)?.size !== undefined);
  const states = await Promise.all(
    there.map(async (service) => [service, await contentOf(await open(service))] as const),
  );
  const used = states.find(([, content]) => content === "events")?.[0];
  const lost = made.flatMap((service) => {
    const { path } = files.get(service) ?? {};
    if (path === undefined) return [];
    if (!there.includes(service)) return [`${path} is not there`];
    return states.some(([its, content]) => its === service && content === "nothing") ? [`${path} has no tables`] : [];
  });
  if (used === undefined || lost.length === 0) return;
  const { path } = files.get(used) ?? {};
  throw new MissingDatabaseError(
    `${lost.join(" and ")}, and ${path === undefined ? `the database of ${used}` : basename(path)} beside it is not new. Put a backup in its place, or ${accept} to begin an empty one.`,
  );
}

/** Where a database is, and how many bytes its file has: undefined when it is missing. One on a server is always there. */
function stateOf(url: string): { readonly path: string | undefined; readonly size: number | undefined } {
  if (!url.startsWith("file:")) return { path: undefined, size: Number.POSITIVE_INFINITY };
  const path = filePathOf(url);
  return { path, size: statSync(path, { throwIfNoEntry: false })?.size };
}

/**
 * What a database holds. One without a journal is what is left when a file was copied without its write-ahead log, before
 * which SQLite has moved nothing into it.
 */
async function contentOf(db: Database): Promise<"nothing" | "tables" | "events"> {
  const [table] = await db.query(sql`select 1 from sqlite_master where name = 'journal'`);
  if (table === undefined) return "nothing";
  return (await lastSeq(db)) > 0 ? "events" : "tables";
}
