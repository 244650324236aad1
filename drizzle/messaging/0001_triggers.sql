insert into journal_identity (id, journal_id) values (1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' ||
  substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));
--> statement-breakpoint
create trigger journal_refuses_delete before delete on journal begin select raise(abort, 'journal_refuses_delete'); end;
--> statement-breakpoint
create trigger journal_refuses_update before update of seq, event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id,
  request_id, traceparent, time on journal begin select raise(abort, 'journal_refuses_update'); end;
--> statement-breakpoint
create trigger journal_refuses_edit before update of data on journal when new.redacted_at is null begin select raise(abort, 'journal_refuses_edit'); end;
--> statement-breakpoint
create trigger journal_refuses_replace before insert on journal when exists (select 1 from journal where seq = new.seq) begin select raise(abort, 'journal_refuses_replace'); end;
--> statement-breakpoint
create trigger journal_known_event before insert on journal
when exists (select 1 from journal where event_id = new.event_id) begin select raise(abort, 'known_event'); end;
--> statement-breakpoint
create trigger journal_refuses_gap after insert on journal
when new.seq <> 1 and not exists (select 1 from journal where seq = new.seq - 1) begin select raise(abort, 'journal_refuses_gap'); end;
--> statement-breakpoint
create trigger cursors_insert before insert on cursors begin
  select raise(abort, 'journal_changed') where (select seq from cursors where source = new.source) <> 0 and (select journal_id from cursors where source = new.source) <> new.journal_id;
  select raise(abort, 'cursor_moved') where new.prev <> coalesce((select seq from cursors where source = new.source), 0);
  select raise(abort, 'dead_letters_changed') where new.parked is not (select count(*) || ':' || coalesce(max(id), 0) from dead_letters where source = new.source);
end;
--> statement-breakpoint
create trigger cursors_update before update on cursors begin
  select raise(abort, 'journal_changed') where old.seq <> 0 and old.journal_id <> new.journal_id;
  select raise(abort, 'cursor_moved') where new.prev <> old.seq or new.source <> old.source;
  select raise(abort, 'dead_letters_changed') where new.parked is not (select count(*) || ':' || coalesce(max(id), 0) from dead_letters where source = new.source);
end;
