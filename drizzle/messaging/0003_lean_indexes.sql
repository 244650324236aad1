DROP INDEX `journal_aggregate`;
--> statement-breakpoint
DROP INDEX `journal_time`;
