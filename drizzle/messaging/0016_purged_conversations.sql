ALTER TABLE `conversations` ADD `purged_at` text;
--> statement-breakpoint
CREATE INDEX `conversations_purged` ON `conversations` (`id`) WHERE purged_at is not null;
