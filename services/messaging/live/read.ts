import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { Live } from "./live.ts";
import type { Presence } from "./schema.ts";
import { sharing } from "./sharing.ts";

/** How these users are; those with whom the asker shares no conversation are left out. */
export async function readPresence(
  { db, live }: { readonly db: Database; readonly live: Pick<Live, "statusOf"> },
  { user_id: own }: Pick<Actor, "user_id">,
  user_ids: readonly string[],
): Promise<Presence[]> {
  const wanted = [...new Set(user_ids.map((id) => (id === "me" ? own : id)))];
  const shared = new Set((await sharing(db, [own], wanted)).map(({ user_id }) => user_id)).add(own);
  return wanted.filter((id) => shared.has(id)).map((user_id) => ({ user_id, status: live.statusOf(user_id) }));
}
