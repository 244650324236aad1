import type { Database } from "@stoa/db";
import { attendances } from "../stream/attendances.ts";
import type { TypingNews } from "./exchange.ts";
import type { Presence } from "./schema.ts";
import { sharing } from "./sharing.ts";
import type { Subscribers } from "./subscribers.ts";
import type { TypingBook, Viewer } from "./typing.ts";

/** Tells a client that someone types. */
export function whisperTyping(viewer: Viewer, { conversation_id, user_id, until }: TypingNews): void {
  const data = { conversation_id, user_id, until: new Date(until).toISOString() };
  if (viewer.user_id !== user_id) viewer.whisper("typing", JSON.stringify(data));
}

/** Tells a client how someone is. */
export function whisperPresence(viewer: Viewer, { user_id, status }: Presence): void {
  viewer.whisper("presence", JSON.stringify({ user_id, status }));
}

/** Tells those who have the conversations open and take part in them now. Without any, nothing is read. */
export async function tellTyping(db: Database, book: TypingBook, news: readonly TypingNews[]): Promise<void> {
  const seen = news.filter(({ conversation_id }) => book.viewersOf(conversation_id).length > 0);
  const ids = [...new Set(seen.map(({ conversation_id }) => conversation_id))];
  const users = new Set(ids.flatMap((id) => book.viewersOf(id).map(({ user_id }) => user_id)));
  const present = await attendances(db, ids, users);
  for (const one of seen) {
    const there = (present.get(one.conversation_id) ?? []).filter(({ trashed }) => !trashed);
    const inIt = new Set(there.map(({ user_id }) => user_id));
    for (const viewer of book.viewersOf(one.conversation_id)) if (inIt.has(viewer.user_id)) whisperTyping(viewer, one);
  }
}

/** Tells those who asked for it and share a conversation with them now. */
export async function tellPresence(
  db: Database,
  subscribers: Subscribers,
  changed: readonly Presence[],
): Promise<void> {
  const wanted = changed.filter(({ user_id }) => subscribers.of(user_id).length > 0);
  if (wanted.length === 0) return;
  const ids = wanted.map(({ user_id }) => user_id);
  const askers = new Set(ids.flatMap((id) => subscribers.of(id).map(({ user_id }) => user_id)));
  const pairs = await sharing(db, [...askers], ids);
  const allowed = new Set(pairs.map(({ asker, user_id }) => `${asker} ${user_id}`));
  for (const one of wanted) {
    for (const viewer of subscribers.of(one.user_id)) {
      if (allowed.has(`${viewer.user_id} ${one.user_id}`)) whisperPresence(viewer, one);
    }
  }
}
