create trigger tasks_purged after delete on tasks begin insert into tombstones (task_id, scope_id, version, deleted_at)
    values (old.id, coalesce(old.project_id, old.creator_id), old.version + 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    on conflict (scope_id, task_id) do update set version = excluded.version, deleted_at = excluded.deleted_at; end;
--> statement-breakpoint
create trigger tasks_left after update of project_id on tasks when old.project_id is not new.project_id
begin insert into tombstones (task_id, scope_id, version, deleted_at)
    values (old.id, coalesce(old.project_id, old.creator_id), new.version, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    on conflict (scope_id, task_id) do update set version = excluded.version, deleted_at = excluded.deleted_at; end;
--> statement-breakpoint
create trigger members_gained after insert on members
begin insert into access_changes (user_id, project_id, gained_at, changed_at) values (new.user_id, new.project_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    on conflict (user_id, project_id) do update set gained_at = excluded.gained_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger members_lost after delete on members
begin insert into access_changes (user_id, project_id, lost_at, changed_at) values (old.user_id, old.project_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    on conflict (user_id, project_id) do update set lost_at = excluded.lost_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger organization_members_gained after insert on organization_members
begin insert into access_changes (user_id, project_id, gained_at, changed_at) select new.user_id, id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from projects where organization_id = new.organization_id
    on conflict (user_id, project_id) do update set gained_at = excluded.gained_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger organization_members_lost after delete on organization_members
begin insert into access_changes (user_id, project_id, lost_at, changed_at) select old.user_id, id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from projects where organization_id = old.organization_id
    on conflict (user_id, project_id) do update set lost_at = excluded.lost_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger projects_gained after insert on projects when new.organization_id is not null
begin insert into access_changes (user_id, project_id, gained_at, changed_at) select user_id, new.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from organization_members where organization_id = new.organization_id
    on conflict (user_id, project_id) do update set gained_at = excluded.gained_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger projects_lost after delete on projects when old.organization_id is not null
begin insert into access_changes (user_id, project_id, lost_at, changed_at) select user_id, old.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from organization_members where organization_id = old.organization_id
    on conflict (user_id, project_id) do update set lost_at = excluded.lost_at, changed_at = excluded.changed_at; end;
--> statement-breakpoint
create trigger projects_left after update of organization_id on projects
when old.organization_id is not new.organization_id
begin insert into access_changes (user_id, project_id, lost_at, changed_at) select user_id, old.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from organization_members where organization_id = old.organization_id
    on conflict (user_id, project_id) do update set lost_at = excluded.lost_at, changed_at = excluded.changed_at; insert into access_changes (user_id, project_id, gained_at, changed_at) select user_id, new.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now') from organization_members where organization_id = new.organization_id
    on conflict (user_id, project_id) do update set gained_at = excluded.gained_at, changed_at = excluded.changed_at; end;
