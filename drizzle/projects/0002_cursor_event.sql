ALTER TABLE `cursors` ADD `event_id` text;
