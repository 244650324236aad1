import { StoaError } from "@stoa/errors";
import { controller, List, operation } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { notificationExample, preferencesExample } from "../examples.ts";
import { changePreferences } from "../preferences/change.ts";
import { readPreferences } from "../preferences/read.ts";
import { Preferences, PreferencesPatch } from "../preferences/schema.ts";
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
        description: "What concerns you. One whose object is out of your reach is not among them: it is taken back.",
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
    )
    .get(
      "/preferences",
      ({ actor }) => readPreferences(deps.db, actor),
      operation({
        id: "notifications.preferences.get",
        ...common,
        summary: "Read how one is notified",
        description:
          "The channel of each kind: `in_app`, `email` (which includes `in_app`) or `none`. Mails go to your verified address, at most one a day about a task or a conversation, and none in your quiet hours.",
        answer: Preferences,
        example: { answer: preferencesExample },
      }),
    )
    .patch(
      "/preferences",
      ({ actor, body }) => changePreferences(deps, actor, body),
      operation({
        id: "notifications.preferences.update",
        ...common,
        summary: "Change how one is notified",
        description:
          "A merge patch, of what is inside `kinds` and `quiet_hours` too; null sets a kind to what it is for those who never chose, and takes the quiet hours away.",
        body: PreferencesPatch,
        answer: Preferences,
        example: { body: { kinds: { mentioned: "email" } }, answer: preferencesExample },
      }),
    );
