CREATE TABLE `external_identities` (
	`origin` text NOT NULL,
	`guid` text NOT NULL,
	`user_id` text NOT NULL,
	`account_id` text NOT NULL,
	`username` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`origin`, `guid`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `external_identities_user` ON `external_identities` (`user_id`);
--> statement-breakpoint
CREATE INDEX `external_identities_login` ON `external_identities` (`origin`,`account_id`,lower(username));
--> statement-breakpoint
CREATE TABLE `guard` (
	`rule` text NOT NULL,
	CONSTRAINT "known_event" CHECK("guard"."rule" <> 'known_event'),
	CONSTRAINT "last_superuser" CHECK("guard"."rule" <> 'last_superuser'),
	CONSTRAINT "last_owner" CHECK("guard"."rule" <> 'last_owner')
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`user_id` text NOT NULL,
	`method` text NOT NULL,
	`path` text NOT NULL,
	`key` text NOT NULL,
	`body_hash` text NOT NULL,
	`resource_id` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_key` ON `idempotency` (`user_id`,`method`,`path`,`key`);
--> statement-breakpoint
CREATE INDEX `idempotency_created_at` ON `idempotency` (`created_at`);
--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`organization_id` text NOT NULL,
	`email` text NOT NULL,
	`email_key` text NOT NULL,
	`role` text NOT NULL,
	`status` text NOT NULL,
	`token_hash` text NOT NULL,
	`invited_by` text NOT NULL,
	`expires_at` text NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token_hash_unique` ON `invitations` (`token_hash`);
--> statement-breakpoint
CREATE INDEX `invitations_organization` ON `invitations` (`organization_id`,`id`);
--> statement-breakpoint
CREATE INDEX `invitations_expires_at` ON `invitations` (`expires_at`);
--> statement-breakpoint
CREATE INDEX `invitations_email` ON `invitations` (`email_key`,`organization_id`);
--> statement-breakpoint
CREATE TABLE `journal` (
	`seq` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`type` text NOT NULL,
	`aggregate_id` text NOT NULL,
	`entity_id` text,
	`organization_id` text,
	`actor_id` text,
	`session_id` text,
	`request_id` text,
	`traceparent` text,
	`ip_address` text,
	`device_info` text,
	`time` text NOT NULL,
	`data` text NOT NULL,
	`redacted_at` text,
	CONSTRAINT "journal_data_size" CHECK(length(cast("journal"."data" as blob)) <= 262144)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `journal_event_id_unique` ON `journal` (`event_id`);
--> statement-breakpoint
CREATE INDEX `journal_aggregate` ON `journal` (`aggregate_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_entity` ON `journal` (`entity_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_time` ON `journal` (`time`);
--> statement-breakpoint
CREATE INDEX `journal_actor` ON `journal` (`actor_id`,`seq`);
--> statement-breakpoint
CREATE INDEX `journal_redacted_at` ON `journal` (`redacted_at`) WHERE redacted_at is not null;
--> statement-breakpoint
CREATE TABLE `journal_identity` (
	`id` integer PRIMARY KEY NOT NULL,
	`journal_id` text NOT NULL,
	CONSTRAINT "journal_identity_is_one_row" CHECK("journal_identity"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE `known_devices` (
	`user_id` text NOT NULL,
	`device_hash` text NOT NULL,
	`last_login_at` text NOT NULL,
	PRIMARY KEY(`user_id`, `device_hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `known_devices_last_login_at` ON `known_devices` (`last_login_at`);
--> statement-breakpoint
CREATE TABLE `login_attempts` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`name_hash` text,
	`kind` text NOT NULL,
	`ip_address` text,
	`device_info` text,
	`request_id` text,
	`time` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `login_attempts_user` ON `login_attempts` (`user_id`,`time`);
--> statement-breakpoint
CREATE INDEX `login_attempts_time` ON `login_attempts` (`time`);
--> statement-breakpoint
CREATE TABLE `login_throttles` (
	`key` text PRIMARY KEY NOT NULL,
	`scope` text NOT NULL,
	`user_id` text,
	`failures` integer NOT NULL,
	`failed_at` text NOT NULL,
	`blocked_until` text,
	`forgotten_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `login_throttles_user` ON `login_throttles` (`user_id`) WHERE user_id is not null;
--> statement-breakpoint
CREATE INDEX `login_throttles_forgotten_at` ON `login_throttles` (`forgotten_at`);
--> statement-breakpoint
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`kind` text NOT NULL,
	`status` text DEFAULT 'waiting' NOT NULL,
	`recipient` text NOT NULL,
	`subject` text,
	`text` text,
	`html` text,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_at` text NOT NULL,
	`lease` text,
	`error` text,
	`expires_at` text NOT NULL,
	`created_at` text NOT NULL,
	`ended_at` text
);
--> statement-breakpoint
CREATE INDEX `mails_waiting` ON `mails` (`next_at`) WHERE status = 'waiting';
--> statement-breakpoint
CREATE INDEX `mails_ended` ON `mails` (`ended_at`) WHERE ended_at is not null;
--> statement-breakpoint
CREATE INDEX `mails_user` ON `mails` (`user_id`,`kind`,`created_at`);
--> statement-breakpoint
CREATE INDEX `mails_lease` ON `mails` (`lease`) WHERE lease is not null;
--> statement-breakpoint
CREATE TABLE `mfa_challenges` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`method` text NOT NULL,
	`password_changed_at` text,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `mfa_challenges_user` ON `mfa_challenges` (`user_id`);
--> statement-breakpoint
CREATE INDEX `mfa_challenges_expires_at` ON `mfa_challenges` (`expires_at`);
--> statement-breakpoint
CREATE TABLE `organization_members` (
	`organization_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`joined_at` text NOT NULL,
	PRIMARY KEY(`organization_id`, `user_id`),
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `organization_members_joined` ON `organization_members` (`organization_id`,`joined_at`,`user_id`);
--> statement-breakpoint
CREATE INDEX `organization_members_user` ON `organization_members` (`user_id`,`organization_id`);
--> statement-breakpoint
CREATE TABLE `organizations` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`slug` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_slug_unique` ON `organizations` (`slug`);
--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`user_id` text NOT NULL,
	`code_hash` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`user_id`, `code_hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `roles` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `roles_name_unique` ON `roles` (`name`);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`counter` integer DEFAULT 0 NOT NULL,
	`rotated_at` text,
	`rotation_key` text,
	`auth_time` integer NOT NULL,
	`method` text NOT NULL,
	`second_factor` text,
	`device_info` text,
	`ip_address` text,
	`created_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`ended_at` text,
	`end_reason` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`,`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `sessions_expires_at` ON `sessions` (`expires_at`) WHERE ended_at is null;
--> statement-breakpoint
CREATE INDEX `sessions_ended_at` ON `sessions` (`ended_at`) WHERE ended_at is not null;
--> statement-breakpoint
CREATE TABLE `signing_keys` (
	`kid` text PRIMARY KEY NOT NULL,
	`alg` text NOT NULL,
	`status` text NOT NULL,
	`public_jwk` text NOT NULL,
	`private_key` text NOT NULL,
	`created_at` text NOT NULL,
	`activated_at` text,
	`expires_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_active` ON `signing_keys` (`status`) WHERE status = 'active';
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_next` ON `signing_keys` (`status`) WHERE status = 'next';
--> statement-breakpoint
CREATE TABLE `tickets` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`user_id` text,
	`hash` text NOT NULL,
	`email` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`used_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tickets_hash_unique` ON `tickets` (`hash`);
--> statement-breakpoint
CREATE INDEX `tickets_user` ON `tickets` (`user_id`,`purpose`);
--> statement-breakpoint
CREATE INDEX `tickets_expires_at` ON `tickets` (`expires_at`);
--> statement-breakpoint
CREATE TABLE `totp_factors` (
	`user_id` text PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`last_step` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`confirmed_at` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `user_roles` (
	`user_id` text NOT NULL,
	`role_id` text NOT NULL,
	PRIMARY KEY(`user_id`, `role_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`role_id`) REFERENCES `roles`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `user_roles_role` ON `user_roles` (`role_id`);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`email` text,
	`email_key` text,
	`email_verified` integer DEFAULT false NOT NULL,
	`pending_email` text,
	`full_name` text,
	`bio` text,
	`password_hash` text,
	`password_changed_at` text,
	`is_active` integer DEFAULT true NOT NULL,
	`is_superuser` integer DEFAULT false NOT NULL,
	`mfa_enabled` integer DEFAULT false NOT NULL,
	`last_login_at` text,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username_unique` ON `users` (`username`);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_key_unique` ON `users` (`email_key`);
--> statement-breakpoint
CREATE INDEX `users_created_at` ON `users` (`created_at`,`id`);
--> statement-breakpoint
CREATE INDEX `users_superusers` ON `users` (`is_superuser`,`is_active`) WHERE is_superuser = 1;
