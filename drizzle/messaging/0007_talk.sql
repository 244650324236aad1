CREATE TABLE `task_assignees` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`)
);
--> statement-breakpoint
CREATE TABLE `task_follows` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	`following` integer NOT NULL,
	`changed_at` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `task_follows_user` ON `task_follows` (`user_id`);
--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text,
	`title` text NOT NULL,
	`creator_id` text,
	`version` integer NOT NULL,
	`trashed_at` text
);
--> statement-breakpoint
CREATE INDEX `tasks_project` ON `tasks` (`project_id`);
--> statement-breakpoint
CREATE INDEX `messages_task` ON `messages` (`task_id`,`id`) WHERE task_id is not null;
--> statement-breakpoint
CREATE INDEX `messages_task_seq` ON `messages` (`task_id`,`conversation_id`,`seq`) WHERE task_id is not null;
