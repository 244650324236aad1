import type { Database } from "@stoa/db";
import type { Feed } from "../feed.ts";
import { eventsFeed } from "./events.ts";
import { marksFeed } from "./marks.ts";
import { workFeed } from "./work.ts";

/** What streams are made of, in the order in which it is read: messages before the marks that they have been read. */
export function feedsOf(db: Database): readonly Feed[] {
  return [eventsFeed(db), marksFeed(db), workFeed(db)];
}
