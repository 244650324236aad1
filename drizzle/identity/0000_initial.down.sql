DROP TABLE `users`;
--> statement-breakpoint
DROP TABLE `user_roles`;
--> statement-breakpoint
DROP TABLE `tickets`;
--> statement-breakpoint
DROP TABLE `signing_keys`;
--> statement-breakpoint
DROP TABLE `sessions`;
--> statement-breakpoint
DROP TABLE `roles`;
--> statement-breakpoint
DROP TABLE `organizations`;
--> statement-breakpoint
DROP TABLE `organization_members`;
--> statement-breakpoint
DROP TABLE `mails`;
--> statement-breakpoint
DROP TABLE `journal_identity`;
--> statement-breakpoint
DROP TABLE `journal`;
--> statement-breakpoint
DROP TABLE `invitations`;
--> statement-breakpoint
DROP TABLE `idempotency`;
--> statement-breakpoint
DROP TABLE `guard`;
--> statement-breakpoint
DROP TABLE `external_identities`;
