import type { SchemaSql } from "@stoa/db/migrations";
import { commitTime as now } from "../commit-time.ts";

const left = (version: string) => `insert into tombstones (task_id, scope_id, version, deleted_at)
    values (old.id, coalesce(old.project_id, old.creator_id), ${version}, ${now})
    on conflict (scope_id, task_id) do update set version = excluded.version, deleted_at = excluded.deleted_at`;

const access = (column: "gained_at" | "lost_at", from: string) =>
  `insert into access_changes (user_id, project_id, ${column}, changed_at) ${from}
    on conflict (user_id, project_id) do update set ${column} = excluded.${column}, changed_at = excluded.changed_at`;

/** Everyone in an organization, for one project of it. */
const everyone = (row: "old" | "new") =>
  `select user_id, ${row}.id, ${now}, ${now} from organization_members where organization_id = ${row}.organization_id`;

/** Every project of an organization, for one member of it. */
const everything = (row: "old" | "new") =>
  `select ${row}.user_id, id, ${now}, ${now} from projects where organization_id = ${row}.organization_id`;

/** What keeps {@link tombstones} and {@link accessChanges}. */
export const syncTriggers: SchemaSql = {
  up: [
    `create trigger tasks_purged after delete on tasks begin ${left("old.version + 1")}; end`,
    `create trigger tasks_left after update of project_id on tasks when old.project_id is not new.project_id
begin ${left("new.version")}; end`,
    `create trigger members_gained after insert on members
begin ${access("gained_at", `values (new.user_id, new.project_id, ${now}, ${now})`)}; end`,
    `create trigger members_lost after delete on members
begin ${access("lost_at", `values (old.user_id, old.project_id, ${now}, ${now})`)}; end`,
    `create trigger organization_members_gained after insert on organization_members
begin ${access("gained_at", everything("new"))}; end`,
    `create trigger organization_members_lost after delete on organization_members
begin ${access("lost_at", everything("old"))}; end`,
    `create trigger projects_gained after insert on projects when new.organization_id is not null
begin ${access("gained_at", everyone("new"))}; end`,
    `create trigger projects_lost after delete on projects when old.organization_id is not null
begin ${access("lost_at", everyone("old"))}; end`,
    `create trigger projects_left after update of organization_id on projects
when old.organization_id is not new.organization_id
begin ${access("lost_at", everyone("old"))}; ${access("gained_at", everyone("new"))}; end`,
  ],
  down: [
    "drop trigger projects_left",
    "drop trigger projects_lost",
    "drop trigger projects_gained",
    "drop trigger organization_members_lost",
    "drop trigger organization_members_gained",
    "drop trigger members_lost",
    "drop trigger members_gained",
    "drop trigger tasks_left",
    "drop trigger tasks_purged",
  ],
};
