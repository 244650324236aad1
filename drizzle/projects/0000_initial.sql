CREATE TABLE `counters` (
	`scope_id` text PRIMARY KEY NOT NULL,
	`last_number` integer NOT NULL,
	`last_place` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `cursors` (
	`source` text PRIMARY KEY NOT NULL,
	`journal_id` text NOT NULL,
	`prev` integer NOT NULL,
	`seq` integer NOT NULL,
	`reacted` integer NOT NULL,
	`parked` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `dead_letters` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`source` text NOT NULL,
	`sequence` integer NOT NULL,
	`event_id` text NOT NULL,
	`aggregate_id` text NOT NULL,
	`type` text NOT NULL,
	`envelope` text NOT NULL,
	`error` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`behind` integer DEFAULT false NOT NULL,
	`reactions_due` integer NOT NULL,
	`parked_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `dead_letters_event` ON `dead_letters` (`source`,`event_id`);
--> statement-breakpoint
CREATE INDEX `dead_letters_aggregate` ON `dead_letters` (`source`,`aggregate_id`,`sequence`);
--> statement-breakpoint
CREATE TABLE `directory` (
	`user_id` text PRIMARY KEY NOT NULL,
	`username` text,
	`full_name` text,
	`is_active` integer NOT NULL,
	`erased_at` text
);
--> statement-breakpoint
CREATE INDEX `directory_username` ON `directory` (`username`);
--> statement-breakpoint
CREATE TABLE `guard` (
	`rule` text NOT NULL,
	CONSTRAINT "known_event" CHECK("guard"."rule" <> 'known_event'),
	CONSTRAINT "last_owner" CHECK("guard"."rule" <> 'last_owner')
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`user_id` text NOT NULL,
	`method` text NOT NULL,
	`path` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`resource_id` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_key` ON `idempotency` (`user_id`,`method`,`path`,`key`);
--> statement-breakpoint
CREATE INDEX `idempotency_created_at` ON `idempotency` (`created_at`);
--> statement-breakpoint
CREATE TABLE `journal` (
	`seq` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`type` text NOT NULL,
	`aggregate_id` text NOT NULL,
	`entity_id` text,
	`organization_id` text,
	`actor_id` text,
	`session_id` text,
	`request_id` text,
	`traceparent` text,
	`ip_address` text,
	`device_info` text,
	`time` text NOT NULL,
	`data` text NOT NULL,
	`redacted_at` text,
	CONSTRAINT "journal_data_size" CHECK(length(cast("journal"."data" as blob)) <= 262144)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `journal_event_id_unique` ON `journal` (`event_id`);
--> statement-breakpoint
CREATE INDEX `journal_aggregate` ON `journal` (`aggregate_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_entity` ON `journal` (`entity_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_time` ON `journal` (`time`);
--> statement-breakpoint
CREATE INDEX `journal_actor` ON `journal` (`actor_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_redacted_at` ON `journal` (`redacted_at`) WHERE redacted_at is not null;
--> statement-breakpoint
CREATE TABLE `journal_identity` (
	`id` integer PRIMARY KEY NOT NULL,
	`journal_id` text NOT NULL,
	CONSTRAINT "journal_identity_is_one_row" CHECK("journal_identity"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `members` (
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`joined_at` text NOT NULL,
	PRIMARY KEY(`project_id`, `user_id`),
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`user_id`,`project_id`);
--> statement-breakpoint
CREATE TABLE `organization_members` (
	`organization_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`organization_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `organization_members_user` ON `organization_members` (`user_id`,`organization_id`);
--> statement-breakpoint
CREATE TABLE `organizations` (
	`organization_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`slug` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_scope` text NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`organization_id` text,
	`creator_id` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`deleted_at` text,
	`deletion_id` text,
	CONSTRAINT "projects_deleted" CHECK(("projects"."deleted_at" is null) = ("projects"."deletion_id" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_key` ON `projects` (`owner_scope`,`key`);
--> statement-breakpoint
CREATE INDEX `projects_organization` ON `projects` (`organization_id`,`id`);
--> statement-breakpoint
CREATE TABLE `revocations` (
	`subject` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`changed_at` text NOT NULL,
	`forget_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `revocations_forget_at` ON `revocations` (`forget_at`);
--> statement-breakpoint
CREATE TABLE `task_assignees` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_assignees_user` ON `task_assignees` (`user_id`,`task_id`);
--> statement-breakpoint
CREATE TABLE `task_labels` (
	`task_id` text NOT NULL,
	`label` text NOT NULL,
	PRIMARY KEY(`task_id`, `label`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `task_labels_label` ON `task_labels` (`label`,`task_id`);
--> statement-breakpoint
CREATE TABLE `tasks` (
	`row` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`project_id` text,
	`parent_id` text,
	`number` integer,
	`key` text,
	`title` text NOT NULL,
	`description` text,
	`status` text NOT NULL,
	`priority` text NOT NULL,
	`priority_order` integer GENERATED ALWAYS AS (case priority when 'low' then 0 when 'medium' then 1 when 'high' then 2 else 3 end) VIRTUAL NOT NULL,
	`creator_id` text NOT NULL,
	`assignee_ids` text NOT NULL,
	`labels` text NOT NULL,
	`due_at` text,
	`estimate_minutes` integer,
	`rank` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`started_at` text,
	`completed_at` text,
	`deleted_at` text,
	`deletion_id` text,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "tasks_belongs" CHECK(("tasks"."project_id" is null) = ("tasks"."number" is null)),
	CONSTRAINT "tasks_deleted" CHECK(("tasks"."deleted_at" is null) = ("tasks"."deletion_id" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_id` ON `tasks` (`id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_number` ON `tasks` (`project_id`,`number`);
--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`project_id`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_updated` ON `tasks` (`project_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`project_id`,`due_at`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_priority` ON `tasks` (`project_id`,`priority_order`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_rank` ON `tasks` (`project_id`,`rank`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_parent` ON `tasks` (`parent_id`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_creator` ON `tasks` (`creator_id`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_deletion` ON `tasks` (`deletion_id`) WHERE "tasks"."deletion_id" is not null;
