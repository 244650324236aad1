DROP INDEX `task_labels_label`;
--> statement-breakpoint
ALTER TABLE `task_labels` RENAME TO `task_labels_after`;
--> statement-breakpoint
CREATE TABLE `task_labels` (
	`task_id` text NOT NULL,
	`label` text NOT NULL,
	PRIMARY KEY(`task_id`, `label`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `task_labels` SELECT t.id, a.label FROM task_labels_after a JOIN tasks t ON t.row = a.task_row ORDER BY t.id, a.label;
--> statement-breakpoint
DROP TABLE `task_labels_after`;
--> statement-breakpoint
CREATE INDEX `task_labels_label` ON `task_labels` (`label`,`task_id`);
--> statement-breakpoint
DROP INDEX `task_assignees_user`;
--> statement-breakpoint
ALTER TABLE `task_assignees` RENAME TO `task_assignees_after`;
--> statement-breakpoint
CREATE TABLE `task_assignees` (
	`task_id` text NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_id`, `user_id`),
	FOREIGN KEY (`task_id`) REFERENCES `tasks`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `task_assignees` SELECT t.id, a.user_id FROM task_assignees_after a JOIN tasks t ON t.row = a.task_row ORDER BY t.id, a.user_id;
--> statement-breakpoint
DROP TABLE `task_assignees_after`;
--> statement-breakpoint
CREATE INDEX `task_assignees_user` ON `task_assignees` (`user_id`,`task_id`);
--> statement-breakpoint
DROP INDEX `report_tasks_project`;
--> statement-breakpoint
ALTER TABLE `report_tasks` RENAME TO `report_tasks_after`;
--> statement-breakpoint
CREATE TABLE `report_tasks` (
	`task_id` text PRIMARY KEY NOT NULL,
	`project_id` text,
	`status` text NOT NULL,
	`trashed` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`due_at` integer,
	`estimate_minutes` integer NOT NULL,
	`logged_minutes` integer NOT NULL,
	`assignee_ids` text NOT NULL,
	`completion_row` integer,
	`due_row` integer
);
--> statement-breakpoint
INSERT INTO `report_tasks`
SELECT (SELECT entity_id FROM journal WHERE seq = a.row), (SELECT entity_id FROM journal WHERE seq = a.project),
  status, trashed, started_at, finished_at, due_at, estimate_minutes, logged_minutes, assignee_ids, completion_row, due_row
FROM report_tasks_after a ORDER BY a.row;
--> statement-breakpoint
DROP TABLE `report_tasks_after`;
--> statement-breakpoint
CREATE INDEX `report_tasks_project` ON `report_tasks` (`project_id`);
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
DROP INDEX `tasks_is_blocked`;
--> statement-breakpoint
DROP INDEX `tasks_changed`;
--> statement-breakpoint
DROP INDEX `tasks_creator`;
--> statement-breakpoint
ALTER TABLE `tasks` DROP COLUMN `scope`;
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
CREATE INDEX `tasks_is_blocked` ON `tasks` (`project_id`) WHERE "tasks"."is_blocked" = 1;
--> statement-breakpoint
CREATE INDEX `tasks_changed` ON `tasks` (`project_id`,`changed_at`) WHERE "tasks"."changed_at" is not null;
--> statement-breakpoint
CREATE INDEX `tasks_creator` ON `tasks` (`creator_id`);
--> statement-breakpoint
ALTER TABLE `counters` RENAME TO `counters_after`;
--> statement-breakpoint
CREATE TABLE `counters` (
	`scope_id` text PRIMARY KEY NOT NULL,
	`last_number` integer NOT NULL,
	`last_place` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `counters` (scope_id, last_number, last_place) SELECT scope_id, last_number, last_place FROM counters_after;
--> statement-breakpoint
DROP TABLE `counters_after`;
--> statement-breakpoint
DROP INDEX `journal_personal`;
--> statement-breakpoint
CREATE INDEX `journal_aggregate` ON `journal` (`aggregate_id`,`seq`);
