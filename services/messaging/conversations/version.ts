import { raw, type Sql, sql } from "@stoa/db";
import { type IfMatch, versionConflict } from "@stoa/http/etag";
import type { Conversation } from "./schema.ts";

/** @throws StoaError `version_conflict` when `If-Match` names other versions than the present one. */
export function requireVersion(match: IfMatch | undefined, present: Conversation): void {
  if (match && !match.any && !match.versions.includes(present.version)) throw versionConflict(present);
}

/** The same as a guard. */
export function ofVersion(match: IfMatch | undefined, { id, version }: Conversation): Sql {
  if (!match || match.any) return raw("1");
  return sql`exists (select 1 from conversations where id = ${id} and version = ${version})`;
}
