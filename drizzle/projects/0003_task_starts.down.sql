ALTER TABLE `tasks` DROP COLUMN `start_at`;
--> statement-breakpoint
DROP INDEX `projects_by_key`;
