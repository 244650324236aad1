DROP INDEX `conversations_trashed`;
--> statement-breakpoint
DROP TABLE `blocks`;
