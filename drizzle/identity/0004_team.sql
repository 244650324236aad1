CREATE TABLE `former_usernames` (
	`username` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`free_at` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `former_usernames_user` ON `former_usernames` (`user_id`);
--> statement-breakpoint
CREATE INDEX `former_usernames_free_at` ON `former_usernames` (`free_at`);
--> statement-breakpoint
ALTER TABLE `tickets` ADD `email_key` text;
--> statement-breakpoint
ALTER TABLE `tickets` ADD `was_verified` integer;
--> statement-breakpoint
ALTER TABLE `tickets` ADD `session_id` text;
--> statement-breakpoint
CREATE INDEX `tickets_held` ON `tickets` (`email_key`) WHERE email_key is not null;
--> statement-breakpoint
CREATE INDEX `invitations_addressee` ON `invitations` (`email_key`,`id`);
