ALTER TABLE `mails` ADD `recipient_key` text;
--> statement-breakpoint
ALTER TABLE `mails` ADD `sender_id` text;
--> statement-breakpoint
CREATE INDEX `mails_sender` ON `mails` (`sender_id`,`created_at`) WHERE sender_id is not null;
--> statement-breakpoint
UPDATE `mails` SET `recipient_key` = lower(`recipient`) WHERE `kind` = 'invitation';
