CREATE TABLE `answers` (
	`question_id` text NOT NULL,
	`assistant_id` text NOT NULL,
	`conversation_id` text NOT NULL,
	`asker_id` text NOT NULL,
	`depth` integer NOT NULL,
	`asked_at` text NOT NULL,
	`reserved` integer NOT NULL,
	`context_tokens` integer DEFAULT 0 NOT NULL,
	`message_id` text,
	`sent_seq` integer,
	`text` text DEFAULT '' NOT NULL,
	`claim` text,
	`lease_until` text,
	`cancelled_at` text,
	`ended_at` text,
	PRIMARY KEY(`question_id`, `assistant_id`),
	FOREIGN KEY (`assistant_id`) REFERENCES `assistants`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `answers_message` ON `answers` (`message_id`);
--> statement-breakpoint
CREATE INDEX `answers_open` ON `answers` (`asked_at`) WHERE ended_at is null;
--> statement-breakpoint
CREATE INDEX `answers_ended` ON `answers` (`ended_at`) WHERE ended_at is not null;
--> statement-breakpoint
CREATE INDEX `answers_assistant` ON `answers` (`assistant_id`) WHERE ended_at is null;
--> statement-breakpoint
CREATE TABLE `assistants` (
	`id` text PRIMARY KEY NOT NULL,
	`conversation_id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`model` text NOT NULL,
	`base_url` text,
	`instructions` text,
	`trigger` text NOT NULL,
	`creator_id` text NOT NULL,
	`created_at` text NOT NULL,
	`removed_at` text,
	FOREIGN KEY (`conversation_id`) REFERENCES `conversations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `assistants_name` ON `assistants` (`conversation_id`,`name_key`) WHERE removed_at is null;
--> statement-breakpoint
CREATE INDEX `assistants_conversation` ON `assistants` (`conversation_id`,`id`);
--> statement-breakpoint
CREATE TABLE `assistant_spending` (
	`user_id` text NOT NULL,
	`day` text NOT NULL,
	`tokens` integer NOT NULL,
	PRIMARY KEY(`user_id`, `day`)
);
--> statement-breakpoint
CREATE INDEX `assistant_spending_day` ON `assistant_spending` (`day`);
