DROP INDEX `conversations_purged`;
--> statement-breakpoint
ALTER TABLE `conversations` DROP COLUMN `purged_at`;
