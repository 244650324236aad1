import { type Database, openDatabase } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { requireSiblings } from "../../standalone/files.ts";
import { type Environment, isThere, targetOf } from "./target.ts";

/**
 * Refuses to make a database file beside files that have events, as the start does: it was lost, or it is another folder
 * than the one that was meant. Databases on servers are not asked, because each service may have its own environment.
 *
 * @param made the services whose migrations are to run
 * @param accept how to say that an empty database is to begin
 * @throws MissingDatabaseError, or OperatorError for a file of zero bytes, with one line that names the file and says what to do
 */
export async function requireNoneLost(
  env: Environment,
  made: readonly ServiceName[],
  accept = "add --accept-new",
): Promise<void> {
  const files = services
    .map((service) => ({ service, url: targetOf(service, env).url }))
    .filter(({ url }) => url.startsWith("file:"));
  for (const file of files) isThere(file);
  const databases = Object.fromEntries(files.map(({ service, url }) => [service, { url }]));
  const opened: Database[] = [];
  try {
    await requireSiblings(databases, {
      accept,
      made,
      open: async (service) => {
        const db = await openDatabase(targetOf(service, env).url);
        opened.push(db);
        return db;
      },
    });
  } finally {
    for (const db of opened) db.close();
  }
}
