DROP INDEX `tasks_changed`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `changed_at`;
--> statement-breakpoint
DROP TABLE `tombstones`;
--> statement-breakpoint
DROP TABLE `access_changes`;
