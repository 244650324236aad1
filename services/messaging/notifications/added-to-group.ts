import { sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { type News, tell, these } from "./notify.ts";

/** A group, and those whom a command adds to it. */
export interface AddedToGroup {
  readonly cause: Cause;
  readonly time: string;
  readonly conversation_id: string;
  readonly user_ids: readonly string[];
}

/** The part of a command that users are notified that someone added them to a group; after the part that makes it. */
export function addedToGroup({ cause, time, conversation_id, user_ids }: AddedToGroup): Part {
  const title = sql`(select coalesce(title, 'Group') from conversations where id = ${conversation_id})`;
  const object = { type: "conversation", id: conversation_id, title } as const;
  const news: Omit<News, "event_id"> = {
    ...{ kind: "added", cause, time, object },
    scope_id: conversation_id,
    to: these(user_ids),
  };
  return { effects: (happened, event_id) => (user_ids.length === 0 ? [] : tell({ ...news, event_id }, happened)) };
}
