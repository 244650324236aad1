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
