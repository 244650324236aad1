ALTER TABLE `conversations` DROP COLUMN `expired_seq`;
--> statement-breakpoint
DROP TABLE `reports`;
--> statement-breakpoint
DROP TABLE `message_erasures`;
