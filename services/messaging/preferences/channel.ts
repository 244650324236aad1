import { raw, type Sql, sql } from "@stoa/db";
import type { Notification } from "../notifications/schema.ts";
import type { Channel } from "./schema.ts";

/** How users are notified who have not chosen otherwise. */
export const defaultChannel: Channel = "in_app";

/** Joins the preferences of a user, as `q`: all null for one who never chose anything. @param user_id SQL of their id */
export function preferencesOf(user_id: Sql): Sql {
  return sql`left join notification_preferences q on q.user_id = ${user_id}`;
}

/** How the user of {@link preferencesOf} wants to be notified of a kind. */
export function channelOf(kind: Notification["kind"]): Sql {
  return sql`coalesce(q.kinds ->> ${raw(`'$.${kind}'`)}, ${raw(`'${defaultChannel}'`)})`;
}
