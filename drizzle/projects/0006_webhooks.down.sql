DROP TABLE `webhook_deliveries`;
--> statement-breakpoint
DROP TABLE `webhooks`;
--> statement-breakpoint
DROP TABLE `webhook_cursor`;
