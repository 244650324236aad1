import type { Actor } from "@stoa/auth";
import { raw, sql } from "@stoa/db";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { myNotifications, type NotificationRow, shapeNotification } from "./read.ts";
import type { Notification } from "./schema.ts";

/** The asker's notifications, newest first; perhaps only the unread. @throws StoaError `invalid_cursor` */
export async function listNotifications(
  { db, cursor_key }: ListDeps,
  { user_id }: Actor,
  { unread = false, ...page }: PageRequest & { readonly unread?: boolean | undefined },
): Promise<Page<Notification>> {
  const plan = pagePlan(cursor_key, page, {
    name: "notifications",
    filters: { user_id, unread },
    order: [
      { column: "created_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const wanted = unread ? raw("is_read = 0") : raw("1");
  const [rows = [], counted = []] = await db.queryAll([
    sql`${myNotifications.statement({ me: user_id })} and ${wanted} and ${plan.where}
      order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from notifications where user_id = ${user_id} and ${wanted}`] : []),
  ]);
  return mapItems(
    plan.finish(rows as NotificationRow[], plan.count ? Number(counted[0]?.["total"]) : undefined),
    shapeNotification,
  );
}
