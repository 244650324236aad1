DROP TABLE `answers`;
--> statement-breakpoint
DROP TABLE `assistants`;
--> statement-breakpoint
DROP TABLE `assistant_spending`;
