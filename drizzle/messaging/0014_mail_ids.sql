ALTER TABLE `mail_digests` ADD `mail_id` text;
--> statement-breakpoint
ALTER TABLE `notifications` ADD `mail_id` text;
--> statement-breakpoint
CREATE INDEX `notifications_mailed` ON `notifications` (`mail_id`) WHERE mail_id is not null;
