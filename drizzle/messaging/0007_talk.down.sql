DROP INDEX `messages_task_seq`;
--> statement-breakpoint
DROP INDEX `messages_task`;
--> statement-breakpoint
DROP TABLE `tasks`;
--> statement-breakpoint
DROP TABLE `task_follows`;
--> statement-breakpoint
DROP TABLE `task_assignees`;
