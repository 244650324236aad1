import { computed, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import type { Deps } from "../deps.ts";
import { requireBackups } from "./required.ts";
import type { Backup } from "./schema.ts";

/** @throws StoaError `not_found` also for one that was deleted because newer ones are kept. */
export function readBackup(deps: Pick<Deps, "backups">, backup_id: string): Backup {
  const backup = requireBackups(deps)
    .list()
    .find(({ id }) => id === backup_id);
  if (!backup) throw new StoaError("not_found");
  return backup;
}

/** The stored backups, newest first. They are in no table, so the page is read from a list that the query carries. */
export function listBackups(deps: Pick<Deps, "db" | "cursor_key" | "backups">, page: PageQuery): Promise<Page<Backup>> {
  const stored = JSON.stringify(requireBackups(deps).list());
  const plan = pagePlan(deps.cursor_key, page, {
    name: "backups",
    order: [
      { column: "created_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const columns = {
    created_at: computed<string>(sql`created_at`),
    id: computed<string>(sql`id`),
    backup: computed<string>(sql`backup`),
  };
  return readPage(
    deps.db,
    plan,
    {
      columns,
      from: sql`(select value ->> '$.created_at' as created_at, value ->> '$.id' as id, value as backup
        from json_each(${stored}))`,
      where: sql`1`,
    },
    ({ backup }) => JSON.parse(backup) as Backup,
  );
}
