DROP INDEX `tasks_is_blocked`;
--> statement-breakpoint
DROP INDEX `tasks_creator`;
--> statement-breakpoint
DROP INDEX `tasks_parent`;
--> statement-breakpoint
DROP INDEX `tasks_rank`;
--> statement-breakpoint
DROP INDEX `tasks_priority`;
--> statement-breakpoint
DROP INDEX `tasks_due`;
--> statement-breakpoint
DROP INDEX `tasks_updated`;
--> statement-breakpoint
DROP INDEX `tasks_created`;
--> statement-breakpoint
CREATE INDEX `journal_time` ON `journal` (`time`);
--> statement-breakpoint
CREATE INDEX `tasks_is_blocked` ON `tasks` (`project_id`,`id`) WHERE "tasks"."is_blocked" = 1;
--> statement-breakpoint
CREATE INDEX `tasks_creator` ON `tasks` (`creator_id`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_parent` ON `tasks` (`parent_id`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_rank` ON `tasks` (`project_id`,`rank`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_priority` ON `tasks` (`project_id`,`priority_order`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`project_id`,`due_at`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_updated` ON `tasks` (`project_id`,`updated_at`,`id`);
--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`project_id`,`id`);
