DROP INDEX `journal_time`;
--> statement-breakpoint
DROP INDEX `tasks_created`;
--> statement-breakpoint
DROP INDEX `tasks_updated`;
--> statement-breakpoint
DROP INDEX `tasks_due`;
--> statement-breakpoint
DROP INDEX `tasks_priority`;
--> statement-breakpoint
DROP INDEX `tasks_rank`;
--> statement-breakpoint
DROP INDEX `tasks_parent`;
--> statement-breakpoint
DROP INDEX `tasks_creator`;
--> statement-breakpoint
DROP INDEX `tasks_is_blocked`;
--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`project_id`);
--> statement-breakpoint
CREATE INDEX `tasks_updated` ON `tasks` (`project_id`,`updated_at`);
--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`project_id`,`due_at`);
--> statement-breakpoint
CREATE INDEX `tasks_priority` ON `tasks` (`project_id`,`priority_order`);
--> statement-breakpoint
CREATE INDEX `tasks_rank` ON `tasks` (`project_id`,`rank`);
--> statement-breakpoint
CREATE INDEX `tasks_parent` ON `tasks` (`parent_id`) WHERE "tasks"."parent_id" is not null;
--> statement-breakpoint
CREATE INDEX `tasks_creator` ON `tasks` (`creator_id`);
--> statement-breakpoint
CREATE INDEX `tasks_is_blocked` ON `tasks` (`project_id`) WHERE "tasks"."is_blocked" = 1;
