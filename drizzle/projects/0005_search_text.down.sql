DROP INDEX `tasks_unindexed`;
--> statement-breakpoint
DROP INDEX `projects_by_key`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `folded`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `start_at`;
