DROP INDEX `users_email_unfolded`;
--> statement-breakpoint
DROP INDEX `users_unfolded`;
--> statement-breakpoint
DROP INDEX `external_identities_login`;
--> statement-breakpoint
DROP INDEX `external_identities_unfolded`;
--> statement-breakpoint
ALTER TABLE `users` DROP COLUMN `name_key`;
--> statement-breakpoint
ALTER TABLE `external_identities` DROP COLUMN `username_key`;
--> statement-breakpoint
CREATE INDEX `external_identities_login` ON `external_identities` (`origin`,`account_id`,lower(username));
