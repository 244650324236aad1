CREATE TABLE `mail_digests` (
	`user_id` text NOT NULL,
	`topic_id` text NOT NULL,
	`day` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`user_id`, `topic_id`, `day`)
);
--> statement-breakpoint
CREATE INDEX `mail_digests_created` ON `mail_digests` (`created_at`);
--> statement-breakpoint
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`kind` text NOT NULL,
	`status` text DEFAULT 'waiting' NOT NULL,
	`recipient` text NOT NULL,
	`recipient_key` text,
	`sender_id` text,
	`subject` text,
	`text` text,
	`html` text,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_at` text NOT NULL,
	`lease` text,
	`error` text,
	`expires_at` text NOT NULL,
	`created_at` text NOT NULL,
	`ended_at` text
);
--> statement-breakpoint
CREATE INDEX `mails_waiting` ON `mails` (`next_at`) WHERE status = 'waiting';
--> statement-breakpoint
CREATE INDEX `mails_ended` ON `mails` (`ended_at`) WHERE ended_at is not null;
--> statement-breakpoint
CREATE INDEX `mails_user` ON `mails` (`user_id`,`kind`,`created_at`);
--> statement-breakpoint
CREATE INDEX `mails_sender` ON `mails` (`sender_id`,`created_at`) WHERE sender_id is not null;
--> statement-breakpoint
CREATE INDEX `mails_lease` ON `mails` (`lease`) WHERE lease is not null;
--> statement-breakpoint
ALTER TABLE `directory` ADD `email` text;
