drop trigger notifications_hiding;
--> statement-breakpoint
drop trigger notifications_withdrawn;
