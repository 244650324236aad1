drop trigger journal_refuses_gap;
--> statement-breakpoint
drop trigger journal_known_event;
--> statement-breakpoint
drop trigger journal_refuses_replace;
--> statement-breakpoint
drop trigger journal_refuses_edit;
--> statement-breakpoint
drop trigger journal_refuses_update;
--> statement-breakpoint
drop trigger journal_refuses_delete;
--> statement-breakpoint
delete from journal_identity;
