DROP TABLE `tasks`;
--> statement-breakpoint
DROP TABLE `task_labels`;
--> statement-breakpoint
DROP TABLE `task_assignees`;
--> statement-breakpoint
DROP TABLE `revocations`;
--> statement-breakpoint
DROP TABLE `projects`;
--> statement-breakpoint
DROP TABLE `organizations`;
--> statement-breakpoint
DROP TABLE `organization_members`;
--> statement-breakpoint
DROP TABLE `members`;
--> statement-breakpoint
DROP TABLE `journal_identity`;
--> statement-breakpoint
DROP TABLE `journal`;
--> statement-breakpoint
DROP TABLE `idempotency`;
--> statement-breakpoint
DROP TABLE `guard`;
--> statement-breakpoint
DROP TABLE `directory`;
--> statement-breakpoint
DROP TABLE `dead_letters`;
--> statement-breakpoint
DROP TABLE `cursors`;
--> statement-breakpoint
DROP TABLE `counters`;
