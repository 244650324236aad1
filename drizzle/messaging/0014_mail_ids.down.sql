DROP INDEX `notifications_mailed`;
--> statement-breakpoint
ALTER TABLE `mail_digests` DROP COLUMN `mail_id`;
--> statement-breakpoint
ALTER TABLE `notifications` DROP COLUMN `mail_id`;
