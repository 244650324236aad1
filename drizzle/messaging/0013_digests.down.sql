ALTER TABLE `directory` DROP COLUMN `email`;
--> statement-breakpoint
DROP TABLE `mails`;
--> statement-breakpoint
DROP TABLE `mail_digests`;
