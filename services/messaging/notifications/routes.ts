import { StoaError } from "@stoa/errors";
import { controller, List, operation } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { notificationExample } from "../examples.ts";
import { listNotifications } from "./list.ts";
import { markNotificationsRead } from "./mark-read.ts";
import { Notification, NotificationsQuery, NotificationsRead } from "./schema.ts";

const path = "/api/v1/notifications";
const common = { access: "user", tags: ["notifications"] } as const;

/** Notifications. */
export const notificationRoutes = (deps: MessagingDeps) =>
  controller(deps.http, path)
    .get(
      "",
      ({ actor, query }) => listNotifications(deps, actor, query),
      operation({
        id: "notifications.list",
        ...common,
        summary: "List one's notifications, newest first",
        description: "What concerns you: assigned, mentioned, invited, replied, and tasks that are due soon or late.",
        query: NotificationsQuery,
        answer: List(Notification),
        errors: ["invalid_cursor"],
        example: { answer: { items: [notificationExample], next_cursor: null } },
      }),
    )
    .post(
      "/read",
      ({ actor, body: { ids, all } }) => {
        if ((ids === undefined) === (all === undefined)) {
          throw new StoaError("validation_failed", { errors: [{ path: "/ids", message: "Send either ids or all." }] });
        }
        return markNotificationsRead(deps, actor, ids ?? null);
      },
      operation({
        id: "notifications.markRead",
        ...common,
        summary: "Mark notifications as read",
        description: "Send either `ids` or `all`.",
        body: NotificationsRead,
        answer: null,
        example: { body: { all: true } },
      }),
    );
