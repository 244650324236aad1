DROP TABLE `report_workloads`;
--> statement-breakpoint
DROP TABLE `report_trashings`;
--> statement-breakpoint
DROP TABLE `report_tasks`;
--> statement-breakpoint
DROP TABLE `report_dues`;
--> statement-breakpoint
DROP TABLE `report_cursor`;
--> statement-breakpoint
DROP TABLE `report_counts`;
--> statement-breakpoint
DROP TABLE `report_completions`;
