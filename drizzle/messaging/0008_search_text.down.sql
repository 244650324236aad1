DROP INDEX `messages_unindexed`;
--> statement-breakpoint
DROP INDEX `messages_row`;
--> statement-breakpoint
ALTER TABLE `messages` DROP COLUMN `folded`;
--> statement-breakpoint
ALTER TABLE `messages` DROP COLUMN `row`;
