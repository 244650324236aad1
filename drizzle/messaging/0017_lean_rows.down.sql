DROP INDEX `tasks_project`;
--> statement-breakpoint
ALTER TABLE `tasks` RENAME TO `tasks_after`;
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
INSERT INTO `tasks` SELECT * FROM tasks_after ORDER BY id;
--> statement-breakpoint
DROP TABLE `tasks_after`;
--> statement-breakpoint
CREATE INDEX `tasks_project` ON `tasks` (`project_id`);
--> statement-breakpoint
ALTER TABLE `task_assignees` RENAME TO `task_assignees_after`;
--> statement-breakpoint
CREATE TABLE `task_assignees` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`)
);
--> statement-breakpoint
INSERT INTO `task_assignees` SELECT * FROM task_assignees_after ORDER BY task_id, user_id;
--> statement-breakpoint
DROP TABLE `task_assignees_after`;
