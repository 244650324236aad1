CREATE TABLE `erasures` (
	`user_id` text PRIMARY KEY NOT NULL,
	`erased_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `views` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`creator_id` text NOT NULL,
	`name` text NOT NULL,
	`filter` text NOT NULL,
	`sort` text,
	`is_shared` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `views_project` ON `views` (`project_id`,`id`);
--> statement-breakpoint
CREATE INDEX `views_creator` ON `views` (`creator_id`);
--> statement-breakpoint
ALTER TABLE `projects` ADD `purged_at` text;
--> statement-breakpoint
CREATE INDEX `projects_trash` ON `projects` (`deleted_at`) WHERE "projects"."deleted_at" is not null;
--> statement-breakpoint
ALTER TABLE `tasks` ADD `soon_said` text;
--> statement-breakpoint
ALTER TABLE `tasks` ADD `late_said` text;
--> statement-breakpoint
-- What is late already when this is installed is old news: nobody is notified of years of it at once.
UPDATE `tasks` SET `late_said` = `due_at`, `soon_said` = `due_at` WHERE `due_at` < strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
--> statement-breakpoint
CREATE INDEX `tasks_trash` ON `tasks` (`deleted_at`) WHERE "tasks"."deleted_at" is not null;
--> statement-breakpoint
CREATE INDEX `tasks_unsaid_soon` ON `tasks` (`due_at`) WHERE "tasks"."due_at" is not null and "tasks"."deleted_at" is null and "tasks"."status" not in ('completed', 'cancelled') and "tasks"."soon_said" is not "tasks"."due_at";
--> statement-breakpoint
CREATE INDEX `tasks_unsaid_late` ON `tasks` (`due_at`) WHERE "tasks"."due_at" is not null and "tasks"."deleted_at" is null and "tasks"."status" not in ('completed', 'cancelled') and "tasks"."late_said" is not "tasks"."due_at";
--> statement-breakpoint
CREATE TABLE `webhook_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	CONSTRAINT "webhook_cursor_is_one_row" CHECK("webhook_cursor"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`event_id` text NOT NULL,
	`type` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` text,
	`response_status` integer,
	`duration_ms` integer,
	`attempted_at` text,
	`created_at` text NOT NULL,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhooks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_webhook` ON `webhook_deliveries` (`webhook_id`,`id`);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_due` ON `webhook_deliveries` (`next_at`) WHERE "webhook_deliveries"."next_at" is not null;
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_age` ON `webhook_deliveries` (`created_at`);
--> statement-breakpoint
CREATE TABLE `webhooks` (
	`id` text PRIMARY KEY NOT NULL,
	`scope_id` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`secret` text NOT NULL,
	`is_active` integer DEFAULT 1 NOT NULL,
	`since_seq` integer NOT NULL,
	`creator_id` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhooks_scope` ON `webhooks` (`scope_id`,`id`);
--> statement-breakpoint
CREATE INDEX `webhooks_since` ON `webhooks` (`since_seq`) WHERE "webhooks"."is_active" = 1;
