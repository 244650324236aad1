import { type Database, select, sql, storedJson } from "@stoa/db";
import type { Change } from "@stoa/events";
import { type IfMatch, type Versioned, versionConflict } from "@stoa/http/etag";
import { journal } from "@stoa/journal";

/**
 * Lets a write with `If-Match` go on when nothing that it touches has changed since the version that the client saw;
 * the journal knows. Without `If-Match`, or with `*`, it always goes on.
 *
 * @param entity_id the project or task that the changes belong to
 * @param fields those that the write really changes
 * @throws StoaError `version_conflict` with the present resource in `current`.
 */
export async function refuseOverlap(
  db: Database,
  match: IfMatch | undefined,
  current: Versioned,
  entity_id: string,
  fields: readonly string[],
): Promise<void> {
  if (!match || match.any || match.versions.includes(current.version)) return;
  const seen = Math.max(...match.versions);
  // No version, or one that is still to come: the client cannot have seen it here.
  if (match.versions.length === 0 || seen > current.version) throw versionConflict(current);
  const { data: said } = journal;
  const since = await db.query(
    select(
      { data: said },
      sql`from ${journal} where entity_id = ${entity_id} and iif(json_valid(data), data ->> 'version' > ${seen}, 1)`,
    ),
  );
  const changed = new Set(
    since
      .flatMap(
        ({ data }) =>
          storedJson<{ changes?: Change[] }>(data, "journal.data of projects, entity", entity_id).changes ?? [],
      )
      .map(({ field }) => field),
  );
  if (fields.some((field) => changed.has(field))) throw versionConflict(current);
}
