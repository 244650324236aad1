drop trigger projects_left;
--> statement-breakpoint
drop trigger projects_lost;
--> statement-breakpoint
drop trigger projects_gained;
--> statement-breakpoint
drop trigger organization_members_lost;
--> statement-breakpoint
drop trigger organization_members_gained;
--> statement-breakpoint
drop trigger members_lost;
--> statement-breakpoint
drop trigger members_gained;
--> statement-breakpoint
drop trigger tasks_left;
--> statement-breakpoint
drop trigger tasks_purged;
