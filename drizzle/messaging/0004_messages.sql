CREATE TABLE `message_edits` (
	`message_id` text NOT NULL,
	`version` integer NOT NULL,
	`content` text NOT NULL,
	`created_at` text NOT NULL,
	`replaced_at` text NOT NULL,
	PRIMARY KEY(`message_id`, `version`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `reactions` (
	`message_id` text NOT NULL,
	`emoji` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`message_id`, `emoji`, `user_id`),
	FOREIGN KEY (`message_id`) REFERENCES `messages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `messages` ADD `status` text DEFAULT 'complete' NOT NULL;
--> statement-breakpoint
ALTER TABLE `messages` ADD `task_id` text;
--> statement-breakpoint
ALTER TABLE `messages` ADD `subject` text;
--> statement-breakpoint
CREATE INDEX `messages_pinned` ON `messages` (`conversation_id`,`seq`) WHERE pinned_at is not null;
--> statement-breakpoint
CREATE INDEX `messages_subject` ON `messages` (`conversation_id`,`subject`,`seq`) WHERE subject is not null;
