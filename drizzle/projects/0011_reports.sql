CREATE TABLE `report_completions` (
	`row` integer PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`task_id` text NOT NULL,
	`started_at` integer,
	`finished_at` integer NOT NULL,
	`since` integer NOT NULL,
	`until` integer
);
--> statement-breakpoint
CREATE INDEX `report_completions_finished` ON `report_completions` (`project_id`,`finished_at`,`since`,`until`,`started_at`);
--> statement-breakpoint
CREATE TABLE `report_counts` (
	`project_id` text NOT NULL,
	`grain` integer NOT NULL,
	`slot` integer NOT NULL,
	`added` integer NOT NULL,
	`removed` integer NOT NULL,
	`arrivals` integer NOT NULL,
	`departures` integer NOT NULL,
	`pending` integer NOT NULL,
	`in_progress` integer NOT NULL,
	`in_review` integer NOT NULL,
	`completed` integer NOT NULL,
	`cancelled` integer NOT NULL,
	PRIMARY KEY(`project_id`, `grain`, `slot`)
);
--> statement-breakpoint
CREATE TABLE `report_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`clock` integer NOT NULL,
	CONSTRAINT "report_cursor_is_one_row" CHECK("report_cursor"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `report_dues` (
	`row` integer PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`task_id` text NOT NULL,
	`due_at` integer NOT NULL,
	`since` integer NOT NULL,
	`until` integer
);
--> statement-breakpoint
CREATE INDEX `report_dues_until` ON `report_dues` (`project_id`,`until`,`due_at`,`since`,`task_id`);
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
CREATE INDEX `report_tasks_project` ON `report_tasks` (`project_id`);
--> statement-breakpoint
CREATE TABLE `report_trashings` (
	`project_id` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer
);
--> statement-breakpoint
CREATE INDEX `report_trashings_project` ON `report_trashings` (`project_id`,`since`);
--> statement-breakpoint
CREATE TABLE `report_workloads` (
	`project_id` text NOT NULL,
	`grain` integer NOT NULL,
	`slot` integer NOT NULL,
	`assignee_id` text NOT NULL,
	`open` integer NOT NULL,
	`estimate_minutes` integer NOT NULL,
	`logged_minutes` integer NOT NULL,
	PRIMARY KEY(`project_id`, `grain`, `slot`, `assignee_id`)
);
