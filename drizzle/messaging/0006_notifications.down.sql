DROP INDEX `notifications_mail`;
--> statement-breakpoint
DROP INDEX `notifications_hidden`;
--> statement-breakpoint
DROP INDEX `notifications_scope`;
--> statement-breakpoint
DROP INDEX `notifications_object`;
--> statement-breakpoint
DROP INDEX `notifications_event`;
--> statement-breakpoint
ALTER TABLE `notifications` DROP COLUMN `mail_at`;
--> statement-breakpoint
ALTER TABLE `notifications` DROP COLUMN `hidden_by`;
--> statement-breakpoint
ALTER TABLE `notifications` DROP COLUMN `scope_id`;
--> statement-breakpoint
ALTER TABLE `notifications` DROP COLUMN `event_id`;
--> statement-breakpoint
DROP TABLE `message_mentions`;
--> statement-breakpoint
DROP TABLE `notification_preferences`;
