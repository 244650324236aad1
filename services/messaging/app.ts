import { createService } from "@stoa/http";
import { answerRoutes, assistantRoutes } from "./assistants/routes.ts";
import { blockRoutes } from "./blocks/routes.ts";
import { conversationRoutes } from "./conversations/routes.ts";
import type { MessagingDeps } from "./deps.ts";
import { editRoutes } from "./edits/routes.ts";
import { followRoutes } from "./follows/routes.ts";
import { presenceRoutes, typingRoutes } from "./live/routes.ts";
import { messageRoutes } from "./messages/routes.ts";
import { notificationRoutes } from "./notifications/routes.ts";
import { participantRoutes } from "./participants/routes.ts";
import { pinRoutes } from "./pins/routes.ts";
import { reactionRoutes } from "./reactions/routes.ts";
import { reportRoutes } from "./reports/routes.ts";
import { retentionRoutes } from "./retention/routes.ts";
import { streamRoutes } from "./stream/routes.ts";
import { socketRoutes } from "./stream/socket/routes.ts";

/** The messaging service: conversations, messages, notifications and live streams. */
export function createApp(deps: MessagingDeps) {
  return createService(deps.http, [
    conversationRoutes(deps),
    participantRoutes(deps),
    assistantRoutes(deps),
    messageRoutes(deps),
    answerRoutes(deps),
    followRoutes(deps),
    editRoutes(deps),
    reactionRoutes(deps),
    pinRoutes(deps),
    notificationRoutes(deps),
    blockRoutes(deps),
    reportRoutes(deps),
    retentionRoutes(deps),
    streamRoutes(deps),
    socketRoutes(deps),
    presenceRoutes(deps),
    typingRoutes(deps),
  ]);
}
