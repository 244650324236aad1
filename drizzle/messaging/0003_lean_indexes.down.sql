CREATE INDEX `journal_time` ON `journal` (`time`);
--> statement-breakpoint
CREATE INDEX `journal_aggregate` ON `journal` (`aggregate_id`,`seq`);
