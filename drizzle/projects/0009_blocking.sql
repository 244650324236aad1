create trigger tasks_opened after update of status, deleted_at on tasks when (old.deleted_at is null and old.status not in ('completed', 'cancelled')) <> (new.deleted_at is null and new.status not in ('completed', 'cancelled'))
begin update tasks set is_blocked = exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))), changed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') where id in (select linked_task_id from links where task_id = new.id and type = 'blocks') and is_blocked <> exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))); end;
--> statement-breakpoint
create trigger links_added after insert on links when new.type = 'blocks'
begin update tasks set is_blocked = exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))), changed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') where id in (new.linked_task_id) and is_blocked <> exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))); end;
--> statement-breakpoint
create trigger links_removed after delete on links when old.type = 'blocks'
begin update tasks set is_blocked = exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))), changed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') where id in (old.linked_task_id) and is_blocked <> exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and (b.deleted_at is null and b.status not in ('completed', 'cancelled'))); end;
--> statement-breakpoint
create trigger tasks_blocked after update of is_blocked on tasks
when old.is_blocked <> new.is_blocked and new.deleted_at is null begin
  insert into journal (event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id, request_id,
    traceparent, ip_address, device_info, time, data)
  select substr(event_id, 1, 15) || substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||
      substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
    case new.is_blocked when 1 then 'task.blocked' else 'task.unblocked' end,
    coalesce(new.project_id, new.creator_id), new.id,
    (select organization_id from projects where id = new.project_id), actor_id, session_id, request_id,
    traceparent, ip_address, device_info, time,
    json_object('task_id', new.id, 'project_id', new.project_id, 'key', new.key, 'title', new.title,
      'version', new.version, 'changes', json_array(json_object('field', 'is_blocked',
        'from', json(case old.is_blocked when 1 then 'true' else 'false' end), 'to', json(case new.is_blocked when 1 then 'true' else 'false' end))))
  from journal order by seq desc limit 1;
end;
