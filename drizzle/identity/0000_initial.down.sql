DROP TABLE `user_roles`;
--> statement-breakpoint
DROP TABLE `totp_factors`;
--> statement-breakpoint
DROP TABLE `sessions`;
--> statement-breakpoint
DROP TABLE `recovery_codes`;
--> statement-breakpoint
DROP TABLE `organization_members`;
--> statement-breakpoint
DROP TABLE `mfa_challenges`;
--> statement-breakpoint
DROP TABLE `known_devices`;
--> statement-breakpoint
DROP TABLE `invitations`;
--> statement-breakpoint
DROP TABLE `external_identities`;
--> statement-breakpoint
DROP TABLE `users`;
--> statement-breakpoint
DROP TABLE `tickets`;
--> statement-breakpoint
DROP TABLE `signing_keys`;
--> statement-breakpoint
DROP TABLE `roles`;
--> statement-breakpoint
DROP TABLE `organizations`;
--> statement-breakpoint
DROP TABLE `mails`;
--> statement-breakpoint
DROP TABLE `login_throttles`;
--> statement-breakpoint
DROP TABLE `login_attempts`;
--> statement-breakpoint
DROP TABLE `journal_identity`;
--> statement-breakpoint
DROP TABLE `journal`;
--> statement-breakpoint
DROP TABLE `idempotency`;
--> statement-breakpoint
DROP TABLE `guard`;
