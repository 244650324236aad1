DROP INDEX `mails_sender`;
--> statement-breakpoint
ALTER TABLE `mails` DROP COLUMN `sender_id`;
--> statement-breakpoint
ALTER TABLE `mails` DROP COLUMN `recipient_key`;
