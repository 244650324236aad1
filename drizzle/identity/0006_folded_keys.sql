DROP INDEX `external_identities_login`;
--> statement-breakpoint
ALTER TABLE `external_identities` ADD `username_key` text;
--> statement-breakpoint
CREATE INDEX `external_identities_unfolded` ON `external_identities` (`origin`,`guid`) WHERE username_key is null;
--> statement-breakpoint
CREATE INDEX `external_identities_login` ON `external_identities` (`origin`,`account_id`,`username_key`);
--> statement-breakpoint
ALTER TABLE `users` ADD `name_key` text;
--> statement-breakpoint
CREATE INDEX `users_unfolded` ON `users` (`id`) WHERE name_key is null and full_name glob '*[^ -~]*';
--> statement-breakpoint
CREATE INDEX `users_email_unfolded` ON `users` (`id`) WHERE email_key glob '*[^ -~]*';
