CREATE TABLE `conversations` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`title` text,
	`project_id` text,
	`direct_key` text,
	`last_seq` integer DEFAULT 0 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`trashed_at` text,
	CONSTRAINT "conversation_type" CHECK("conversations"."type" in ('direct', 'group', 'project'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `conversations_project` ON `conversations` (`project_id`);
--> statement-breakpoint
CREATE UNIQUE INDEX `conversations_direct` ON `conversations` (`direct_key`);
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
	`is_active` integer DEFAULT 1 NOT NULL,
	`erased_at` text
);
--> statement-breakpoint
CREATE INDEX `directory_username` ON `directory` (`username`);
--> statement-breakpoint
CREATE TABLE `guard` (
	`rule` text NOT NULL,
	CONSTRAINT "known_event" CHECK("guard"."rule" <> 'known_event')
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
CREATE TABLE `memberships` (
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	PRIMARY KEY(`project_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `memberships_user` ON `memberships` (`user_id`);
--> statement-breakpoint
CREATE TABLE `messages` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	`type` text NOT NULL,
	`sender_id` text,
	`recipient_id` text,
	`content` text,
	`parent_id` text,
	`client_id` text,
	`client_hash` text,
	`pinned_at` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`edited_at` text,
	`deleted_at` text,
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "message_type" CHECK("messages"."type" in ('user', 'system'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `messages_seq` ON `messages` (`conversation_id`,`seq`);
--> statement-breakpoint
CREATE UNIQUE INDEX `messages_client_id` ON `messages` (`conversation_id`,`sender_id`,`client_id`);
--> statement-breakpoint
CREATE INDEX `messages_newest` ON `messages` (`conversation_id`,`id`);
--> statement-breakpoint
CREATE INDEX `messages_parent` ON `messages` (`parent_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `messages_uncounted` ON `messages` (`conversation_id`,`seq`) WHERE type = 'system' or deleted_at is not null;
--> statement-breakpoint
CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`actor_id` text,
	`object_type` text NOT NULL,
	`object_id` text NOT NULL,
	`object_title` text NOT NULL,
	`is_read` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `notifications_user` ON `notifications` (`user_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `notifications_unread` ON `notifications` (`user_id`,`is_read`,`created_at`,`id`);
--> statement-breakpoint
CREATE TABLE `participants` (
	`conversation_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`read_seq` integer DEFAULT 0 NOT NULL,
	`muted` integer DEFAULT 0 NOT NULL,
	`joined_at` text NOT NULL,
	`left_at` text,
	PRIMARY KEY(`conversation_id`, `user_id`),
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `participants_user` ON `participants` (`user_id`,`conversation_id`);
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
CREATE TABLE `used_tickets` (
	`ticket_id` text PRIMARY KEY NOT NULL,
	`expires_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_tickets_expires_at` ON `used_tickets` (`expires_at`);
