ALTER TABLE `messages` DROP COLUMN `status`;
--> statement-breakpoint
DROP TABLE `answers`;
--> statement-breakpoint
DROP TABLE `assistants`;
--> statement-breakpoint
DROP TABLE `assistant_spending`;
