CREATE TABLE `access_changes` (
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`gained_at` text,
	`lost_at` text,
	`changed_at` text NOT NULL,
	PRIMARY KEY(`user_id`, `project_id`)
);
--> statement-breakpoint
CREATE INDEX `access_changes_age` ON `access_changes` (`changed_at`);
--> statement-breakpoint
CREATE TABLE `tombstones` (
	`task_id` text NOT NULL,
	`scope_id` text NOT NULL,
	`version` integer NOT NULL,
	`deleted_at` text NOT NULL,
	PRIMARY KEY(`scope_id`, `task_id`)
);
--> statement-breakpoint
CREATE INDEX `tombstones_deleted` ON `tombstones` (`scope_id`,`deleted_at`);
--> statement-breakpoint
CREATE INDEX `tombstones_age` ON `tombstones` (`deleted_at`);
--> statement-breakpoint
ALTER TABLE `tasks` ADD `changed_at` text;
--> statement-breakpoint
CREATE INDEX `tasks_changed` ON `tasks` (`project_id`,`changed_at`) WHERE "tasks"."changed_at" is not null;
