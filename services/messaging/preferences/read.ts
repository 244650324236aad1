import type { Actor } from "@stoa/auth";
import { type Database, type RowOf, select, sql, storedJson } from "@stoa/db";
import { kinds } from "../notifications/kinds.ts";
import { defaultChannel } from "./channel.ts";
import type { Channel, Preferences, QuietHours } from "./schema.ts";
import { notificationPreferences as preferences } from "./table.ts";

const { kinds: chosen, quiet_from, quiet_to, quiet_tz } = preferences;
const columns = { kinds: chosen, quiet_from, quiet_to, quiet_tz };

/** What a user chose, as it is kept. */
export type PreferencesRow = RowOf<typeof columns>;

/** A user's own preferences, as those of someone who never chose anything where there are none. */
export async function readPreferences(db: Database, { user_id }: Actor): Promise<Preferences> {
  return shapePreferences(await readChosen(db, user_id));
}

/** What a user chose; undefined for one who never chose anything. */
export async function readChosen(db: Database, user_id: string): Promise<PreferencesRow | undefined> {
  const [row] = await db.query(select(columns, sql`from ${preferences} where user_id = ${user_id}`));
  return row;
}

/** Preferences as they go over the wire. */
export function shapePreferences(row: PreferencesRow | undefined): Preferences {
  const chosen = row ? storedJson<Partial<Record<string, Channel>>>(row.kinds, "notification_preferences.kinds") : {};
  const channels = Object.fromEntries(kinds.map((kind) => [kind, chosen[kind] ?? defaultChannel]));
  return { kinds: channels as Preferences["kinds"], quiet_hours: row ? quietHours(row) : null };
}

/** The quiet hours of a row; null where there are none. */
export function quietHours(row: { [K in "quiet_from" | "quiet_to" | "quiet_tz"]: string | null }): QuietHours | null {
  const { quiet_from: from, quiet_to: to, quiet_tz: tz } = row;
  return from === null || to === null || tz === null ? null : { from, to, tz };
}
