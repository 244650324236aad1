import { controller, created, idempotent, List, listQuery, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { listBackups, readBackup } from "./list.ts";
import { Backup, BackupParams, exampleBackup } from "./schema.ts";
import { takeBackup } from "./take.ts";

const about = { access: "superuser", tags: ["backups"] } as const;

/** Backups of all three databases, where they are files of this process. */
export function backupRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/admin")
    .get(
      "/backups",
      ({ query }) => listBackups(deps, query),
      operation({
        id: "backups.list",
        ...about,
        summary: "List the stored backups",
        description: "Newest first. Backups that need not be kept are deleted when another is made.",
        query: listQuery({}),
        answer: List(Backup),
        errors: ["invalid_cursor", "not_implemented"],
        example: { answer: { items: [exampleBackup], next_cursor: null } },
      }),
    )
    .post(
      "/backups",
      async ({ asked, set }) => {
        const backup = await idempotent(
          deps,
          asked,
          (claim) => takeBackup(deps, claim),
          async (id) => readBackup(deps, id),
        );
        return created(set, backup, `/api/v1/admin/backups/${backup.id}`);
      },
      operation({
        id: "backups.create",
        ...about,
        summary: "Make a backup of all databases",
        description: `Copies the three databases and the secret key to a folder of the server while requests go on, checks the
copies, and deletes older backups that need not be kept (7 daily, 4 weekly, 12 monthly). It answers when the backup is
whole. One is made at a time; requests that come meanwhile share the next one.`,
        status: 201,
        answer: Backup,
        errors: ["idempotency_key_reused", "not_implemented"],
        example: { answer: exampleBackup },
      }),
    )
    .get(
      "/backups/:id",
      ({ params }) => readBackup(deps, params.id),
      operation({
        id: "backups.get",
        ...about,
        summary: "Read a stored backup",
        description: "Its files with their checksums, and how far each journal reaches in it.",
        params: BackupParams,
        answer: Backup,
        errors: ["not_found", "not_implemented"],
        example: { answer: exampleBackup },
      }),
    );
}
