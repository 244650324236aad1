import { readNotifications } from "../../notifications/read.ts";
import { shapeNotification } from "../../notifications/row.ts";
import { type Family, readById } from "./family.ts";

/** Notifications go to the one user whom they are for: the `aggregate_id` of their events. */
export const notificationEvents: Family = {
  events: ["notification.created", "notification.read", "notification.withdrawn"],
  inConversations: false,
  async prepare({ db, rows, users }) {
    const created = rows.filter(({ type }) => type === "notification.created");
    const notifications = await readById(created, (ids) => readNotifications(db, ids));
    return function* (row) {
      const { aggregate_id: user_id } = row;
      if (!users.has(user_id)) return;
      if (row.type !== "notification.created") return yield [user_id, row.data];
      const notification = notifications.get(row.entity_id);
      if (notification) yield [user_id, JSON.stringify(shapeNotification(notification))];
    };
  },
};
