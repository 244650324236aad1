CREATE TABLE `message_mentions` (
	`message_id` text NOT NULL,
	`user_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`message_id`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `message_mentions_user` ON `message_mentions` (`user_id`,`conversation_id`,`seq`);
--> statement-breakpoint
CREATE TABLE `notification_preferences` (
	`user_id` text PRIMARY KEY NOT NULL,
	`kinds` text DEFAULT '{}' NOT NULL,
	`quiet_from` text,
	`quiet_to` text,
	`quiet_tz` text
);
--> statement-breakpoint
ALTER TABLE `notifications` ADD `event_id` text;
--> statement-breakpoint
ALTER TABLE `notifications` ADD `scope_id` text;
--> statement-breakpoint
ALTER TABLE `notifications` ADD `hidden_by` text;
--> statement-breakpoint
ALTER TABLE `notifications` ADD `mail_at` text;
--> statement-breakpoint
CREATE UNIQUE INDEX `notifications_event` ON `notifications` (`event_id`,`user_id`);
--> statement-breakpoint
CREATE INDEX `notifications_object` ON `notifications` (`object_id`);
--> statement-breakpoint
CREATE INDEX `notifications_scope` ON `notifications` (`scope_id`,`user_id`);
--> statement-breakpoint
CREATE INDEX `notifications_hidden` ON `notifications` (`hidden_by`) WHERE hidden_by is not null;
--> statement-breakpoint
CREATE INDEX `notifications_mail` ON `notifications` (`mail_at`) WHERE mail_at is not null;
