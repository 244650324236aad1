DROP INDEX `messages_subject`;
--> statement-breakpoint
DROP INDEX `messages_pinned`;
--> statement-breakpoint
ALTER TABLE `messages` DROP COLUMN `subject`;
--> statement-breakpoint
ALTER TABLE `messages` DROP COLUMN `task_id`;
--> statement-breakpoint
ALTER TABLE `messages` DROP COLUMN `status`;
--> statement-breakpoint
DROP TABLE `reactions`;
--> statement-breakpoint
DROP TABLE `message_edits`;
