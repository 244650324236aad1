DROP INDEX `conversations_trashed`;
--> statement-breakpoint
ALTER TABLE `conversations` DROP COLUMN `expired_seq`;
--> statement-breakpoint
DROP TABLE `reports`;
--> statement-breakpoint
DROP TABLE `message_erasures`;
--> statement-breakpoint
DROP TABLE `blocks`;
