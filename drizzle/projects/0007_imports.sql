CREATE TABLE `imported` (
	`owner_id` text NOT NULL,
	`source` text NOT NULL,
	`kind` text NOT NULL,
	`external_id` text NOT NULL,
	`entity_id` text NOT NULL,
	`last_values` text NOT NULL,
	`imported_at` text NOT NULL,
	PRIMARY KEY(`owner_id`, `source`, `kind`, `external_id`)
);
--> statement-breakpoint
CREATE INDEX `imported_user` ON `imported` (`entity_id`) WHERE "imported"."kind" = 'user';
