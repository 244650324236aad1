ALTER TABLE `users` ADD `password_short` integer DEFAULT false NOT NULL;
