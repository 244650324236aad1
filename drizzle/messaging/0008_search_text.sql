ALTER TABLE `messages` ADD `row` integer;
--> statement-breakpoint
ALTER TABLE `messages` ADD `folded` text;
--> statement-breakpoint
CREATE UNIQUE INDEX `messages_row` ON `messages` (`row`);
--> statement-breakpoint
CREATE INDEX `messages_unindexed` ON `messages` (`row`) WHERE folded is null;
