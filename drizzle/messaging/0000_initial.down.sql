DROP TABLE `used_tickets`;
--> statement-breakpoint
DROP TABLE `revocations`;
--> statement-breakpoint
DROP TABLE `participants`;
--> statement-breakpoint
DROP TABLE `notifications`;
--> statement-breakpoint
DROP TABLE `messages`;
--> statement-breakpoint
DROP TABLE `memberships`;
--> statement-breakpoint
DROP TABLE `journal_identity`;
--> statement-breakpoint
DROP TABLE `journal`;
--> statement-breakpoint
DROP TABLE `idempotency`;
--> statement-breakpoint
DROP TABLE `guard`;
--> statement-breakpoint
DROP TABLE `directory`;
--> statement-breakpoint
DROP TABLE `dead_letters`;
--> statement-breakpoint
DROP TABLE `cursors`;
--> statement-breakpoint
DROP TABLE `conversations`;
