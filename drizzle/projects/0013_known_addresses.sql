ALTER TABLE `directory` ADD `email_key` text;
--> statement-breakpoint
CREATE INDEX `directory_email` ON `directory` (`email_key`);
