DROP INDEX `journal_aggregate`;
--> statement-breakpoint
CREATE INDEX `journal_personal` ON `journal` (`aggregate_id`,`seq`) WHERE data ->> '$.project_id' is null;
--> statement-breakpoint
ALTER TABLE `counters` RENAME TO `counters_before`;
--> statement-breakpoint
CREATE TABLE `counters` (
	`row` integer PRIMARY KEY NOT NULL,
	`scope_id` text NOT NULL,
	`last_number` integer NOT NULL,
	`last_place` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `counters` (scope_id, last_number, last_place) SELECT scope_id, last_number, last_place FROM counters_before ORDER BY scope_id;
--> statement-breakpoint
DROP TABLE `counters_before`;
--> statement-breakpoint
CREATE UNIQUE INDEX `counters_scope_id_unique` ON `counters` (`scope_id`);
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
ALTER TABLE `tasks` ADD `scope` integer;
--> statement-breakpoint
UPDATE `tasks` SET scope = (SELECT c.row FROM counters c WHERE c.scope_id = coalesce(tasks.project_id, tasks.creator_id));
--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`scope`);
--> statement-breakpoint
CREATE INDEX `tasks_updated` ON `tasks` (`scope`,`updated_at`);
--> statement-breakpoint
CREATE INDEX `tasks_due` ON `tasks` (`scope`,`due_at`);
--> statement-breakpoint
CREATE INDEX `tasks_priority` ON `tasks` (`scope`,`priority_order`);
--> statement-breakpoint
CREATE INDEX `tasks_rank` ON `tasks` (`scope`,`rank`);
--> statement-breakpoint
CREATE INDEX `tasks_is_blocked` ON `tasks` (`scope`) WHERE "tasks"."is_blocked" = 1;
--> statement-breakpoint
CREATE INDEX `tasks_changed` ON `tasks` (`scope`,`changed_at`) WHERE "tasks"."changed_at" is not null;
--> statement-breakpoint
CREATE INDEX `tasks_creator` ON `tasks` (`creator_id`,`scope`);
--> statement-breakpoint
DROP INDEX `report_tasks_project`;
--> statement-breakpoint
ALTER TABLE `report_tasks` RENAME TO `report_tasks_before`;
--> statement-breakpoint
CREATE TABLE `report_tasks` (
	`row` integer PRIMARY KEY NOT NULL,
	`project` integer,
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
SELECT (SELECT seq FROM journal WHERE entity_id = b.task_id AND type = 'task.created' ORDER BY seq LIMIT 1) AS beginning,
  (SELECT seq FROM journal WHERE entity_id = b.project_id AND type = 'project.created' ORDER BY seq LIMIT 1),
  status, trashed, started_at, finished_at, due_at, estimate_minutes, logged_minutes, assignee_ids, completion_row, due_row
FROM report_tasks_before b ORDER BY beginning;
--> statement-breakpoint
DROP TABLE `report_tasks_before`;
--> statement-breakpoint
CREATE INDEX `report_tasks_project` ON `report_tasks` (`project`) WHERE "report_tasks"."project" is not null;
--> statement-breakpoint
DROP INDEX `task_assignees_user`;
--> statement-breakpoint
ALTER TABLE `task_assignees` RENAME TO `task_assignees_before`;
--> statement-breakpoint
CREATE TABLE `task_assignees` (
	`task_row` integer NOT NULL,
	`user_id` text NOT NULL,
	PRIMARY KEY(`task_row`, `user_id`),
	FOREIGN KEY (`task_row`) REFERENCES `tasks`(`row`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `task_assignees` SELECT t.row, b.user_id FROM task_assignees_before b JOIN tasks t ON t.id = b.task_id ORDER BY t.row, b.user_id;
--> statement-breakpoint
DROP TABLE `task_assignees_before`;
--> statement-breakpoint
CREATE INDEX `task_assignees_user` ON `task_assignees` (`user_id`,`task_row`);
--> statement-breakpoint
DROP INDEX `task_labels_label`;
--> statement-breakpoint
ALTER TABLE `task_labels` RENAME TO `task_labels_before`;
--> statement-breakpoint
CREATE TABLE `task_labels` (
	`task_row` integer NOT NULL,
	`label` text NOT NULL,
	PRIMARY KEY(`task_row`, `label`),
	FOREIGN KEY (`task_row`) REFERENCES `tasks`(`row`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `task_labels` SELECT t.row, b.label FROM task_labels_before b JOIN tasks t ON t.id = b.task_id ORDER BY t.row, b.label;
--> statement-breakpoint
DROP TABLE `task_labels_before`;
--> statement-breakpoint
CREATE INDEX `task_labels_label` ON `task_labels` (`label`,`task_row`);
