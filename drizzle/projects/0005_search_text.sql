ALTER TABLE `tasks` ADD `start_at` text;
--> statement-breakpoint
ALTER TABLE `tasks` ADD `folded` text;
--> statement-breakpoint
CREATE INDEX `tasks_unindexed` ON `tasks` (`row`) WHERE "tasks"."folded" is null;
--> statement-breakpoint
CREATE INDEX `projects_by_key` ON `projects` (`key`);
