import { createService } from "@stoa/http";
import { blockRoutes } from "./blocks/routes.ts";
import { conversationRoutes } from "./conversations/routes.ts";
import type { MessagingDeps } from "./deps.ts";
import { editRoutes } from "./edits/routes.ts";
import { messageRoutes } from "./messages/routes.ts";
import { notificationRoutes } from "./notifications/routes.ts";
import { participantRoutes } from "./participants/routes.ts";
import { streamRoutes } from "./stream/routes.ts";

/** The messaging service: conversations, messages, notifications and live streams. */
export function createApp(deps: MessagingDeps) {
  return createService(deps.http, [
    conversationRoutes(deps),
    participantRoutes(deps),
    messageRoutes(deps),
    editRoutes(deps),
    notificationRoutes(deps),
    blockRoutes(deps),
    streamRoutes(deps),
  ]);
}
