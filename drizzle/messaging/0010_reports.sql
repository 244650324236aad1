CREATE TABLE `message_erasures` (
	`user_id` text PRIMARY KEY NOT NULL,
	`requested_at` text NOT NULL,
	`done_to` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE TABLE `reports` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`reporter_id` text NOT NULL,
	`reason` text NOT NULL,
	`reported_content` text,
	`status` text DEFAULT 'open' NOT NULL,
	`note` text,
	`resolved_by` text,
	`resolved_at` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `reports_open` ON `reports` (`message_id`,`reporter_id`) WHERE status = 'open';
--> statement-breakpoint
CREATE INDEX `reports_message` ON `reports` (`message_id`);
--> statement-breakpoint
CREATE INDEX `reports_newest` ON `reports` (`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `reports_status` ON `reports` (`status`,`created_at`,`id`);
--> statement-breakpoint
ALTER TABLE `conversations` ADD `expired_seq` integer DEFAULT 0 NOT NULL;
