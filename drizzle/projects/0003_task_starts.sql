ALTER TABLE `tasks` ADD `start_at` text;
--> statement-breakpoint
CREATE INDEX `projects_by_key` ON `projects` (`key`);
