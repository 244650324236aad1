ALTER TABLE `cursors` DROP COLUMN `event_id`;
