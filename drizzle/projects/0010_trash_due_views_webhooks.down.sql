DROP TABLE `webhook_deliveries`;
--> statement-breakpoint
DROP TABLE `webhooks`;
--> statement-breakpoint
DROP TABLE `webhook_cursor`;
--> statement-breakpoint
DROP INDEX `tasks_unsaid_late`;
--> statement-breakpoint
DROP INDEX `tasks_unsaid_soon`;
--> statement-breakpoint
DROP INDEX `tasks_trash`;
--> statement-breakpoint
DROP INDEX `projects_trash`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `late_said`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `soon_said`;
--> statement-breakpoint
ALTER TABLE `projects` DROP COLUMN `purged_at`;
--> statement-breakpoint
DROP TABLE `views`;
--> statement-breakpoint
DROP TABLE `erasures`;
