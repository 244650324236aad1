drop trigger tasks_blocked;
--> statement-breakpoint
drop trigger links_removed;
--> statement-breakpoint
drop trigger links_added;
--> statement-breakpoint
drop trigger tasks_opened;
