CREATE TABLE `organization_members` (
	`organization_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`organization_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `organization_members_user` ON `organization_members` (`user_id`,`organization_id`);
--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text,
	`trashed_at` text
);
--> statement-breakpoint
CREATE INDEX `projects_organization` ON `projects` (`organization_id`);
--> statement-breakpoint
CREATE TABLE `work_events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`aggregate_id` text NOT NULL,
	`project_id` text,
	`entity_id` text,
	`also_id` text,
	`owners` text,
	`actor_id` text,
	`time` text NOT NULL,
	`data` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `work_events_entity` ON `work_events` (`entity_id`,`seq`);
