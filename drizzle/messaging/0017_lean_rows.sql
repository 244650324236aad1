DROP INDEX `tasks_project`;
--> statement-breakpoint
ALTER TABLE `tasks` RENAME TO `tasks_before`;
--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text,
	`title` text NOT NULL,
	`creator_id` text,
	`version` integer NOT NULL,
	`trashed_at` text
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `tasks` SELECT * FROM tasks_before ORDER BY id;
--> statement-breakpoint
DROP TABLE `tasks_before`;
--> statement-breakpoint
CREATE INDEX `tasks_project` ON `tasks` (`project_id`);
--> statement-breakpoint
ALTER TABLE `task_assignees` RENAME TO `task_assignees_before`;
--> statement-breakpoint
CREATE TABLE `task_assignees` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `task_assignees` SELECT * FROM task_assignees_before ORDER BY task_id, user_id;
--> statement-breakpoint
DROP TABLE `task_assignees_before`;
