DROP INDEX `tickets_held`;
--> statement-breakpoint
DROP INDEX `invitations_addressee`;
--> statement-breakpoint
ALTER TABLE `tickets` DROP COLUMN `session_id`;
--> statement-breakpoint
ALTER TABLE `tickets` DROP COLUMN `was_verified`;
--> statement-breakpoint
ALTER TABLE `tickets` DROP COLUMN `email_key`;
--> statement-breakpoint
DROP TABLE `former_usernames`;
