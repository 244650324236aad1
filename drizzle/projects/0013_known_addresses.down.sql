DROP INDEX `directory_email`;
--> statement-breakpoint
ALTER TABLE `directory` DROP COLUMN `email_key`;
