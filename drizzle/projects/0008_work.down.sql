DROP INDEX `tasks_is_blocked`;
--> statement-breakpoint
ALTER TABLE `projects` DROP COLUMN `working_days`;
--> statement-breakpoint
ALTER TABLE `projects` DROP COLUMN `timezone`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `is_blocked`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `logged_minutes`;
--> statement-breakpoint
DROP TABLE `worklogs`;
--> statement-breakpoint
DROP TABLE `task_keys`;
--> statement-breakpoint
DROP TABLE `links`;
