import type { Database } from "@stoa/db";
import type { Feed } from "../feed.ts";
import { eventsFeed } from "./events.ts";
import { Markless } from "./markless.ts";
import { marksFeed } from "./marks.ts";
import { workFeed } from "./work.ts";

/** What streams are made of, in the order in which it is read: messages before the marks that they have been read. */
export function feedsOf(db: Database): readonly Feed[] {
  const markless = new Markless();
  return [eventsFeed(db, markless), marksFeed(db, markless), workFeed(db)];
}
