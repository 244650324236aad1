CREATE TABLE `links` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`task_id` text NOT NULL,
	`linked_task_id` text NOT NULL,
	`pair` text GENERATED ALWAYS AS (case when type = 'relates_to' then min(task_id, linked_task_id) || max(task_id, linked_task_id) else task_id || linked_task_id end) VIRTUAL NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`linked_task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `links_pair` ON `links` (`pair`,`type`);
--> statement-breakpoint
CREATE INDEX `links_task` ON `links` (`task_id`,`type`,`linked_task_id`);
--> statement-breakpoint
CREATE INDEX `links_linked_task` ON `links` (`linked_task_id`,`type`,`task_id`);
--> statement-breakpoint
CREATE TABLE `task_keys` (
	`key` text NOT NULL,
	`task_id` text NOT NULL,
	PRIMARY KEY(`key`, `task_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_keys_task` ON `task_keys` (`task_id`);
--> statement-breakpoint
CREATE TABLE `worklogs` (
	`id` text PRIMARY KEY NOT NULL,
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	`minutes` integer NOT NULL,
	`note` text,
	`spent_on` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `worklogs_task` ON `worklogs` (`task_id`,`id`);
--> statement-breakpoint
ALTER TABLE `projects` ADD `timezone` text DEFAULT 'UTC' NOT NULL;
--> statement-breakpoint
ALTER TABLE `projects` ADD `working_days` text DEFAULT '[1,2,3,4,5]' NOT NULL;
--> statement-breakpoint
ALTER TABLE `tasks` ADD `logged_minutes` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE `tasks` ADD `is_blocked` integer DEFAULT false NOT NULL;
--> statement-breakpoint
CREATE INDEX `tasks_is_blocked` ON `tasks` (`project_id`,`id`) WHERE "tasks"."is_blocked" = 1;
