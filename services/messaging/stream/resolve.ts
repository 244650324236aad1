import type { Database } from "@stoa/db";
import { attendances } from "./attendances.ts";
import { accessEvents } from "./families/access.ts";
import { assistantEvents } from "./families/assistants.ts";
import { blockEvents } from "./families/blocks.ts";
import { conversationEvents } from "./families/conversations.ts";
import { emptiedEvents } from "./families/emptied.ts";
import type { Deliver, Family } from "./families/family.ts";
import { messageEvents } from "./families/messages.ts";
import { notificationEvents } from "./families/notifications.ts";
import type { Delivery } from "./feed.ts";
import type { StreamRow } from "./rows.ts";

/** Every event of the journal that streams carry, but read marks, which are a feed of their own. */
const families: readonly Family[] = [
  conversationEvents,
  messageEvents,
  notificationEvents,
  accessEvents,
  blockEvents,
  emptiedEvents,
  assistantEvents,
];

const familyOf: ReadonlyMap<StreamRow["type"], Family> = new Map(
  families.flatMap((family) => family.events.map((event) => [event, family] as const)),
);

/** The names of the events of the journal that streams carry. */
export const streamedEvents = [...familyOf.keys()];

/**
 * Finds who gets what of some journal rows. Receivers are those of now, not of the moment of the event: whoever has
 * left a conversation gets nothing more of it, and a resource is as its GET shows it to the receiver.
 *
 * @param users those who listen; nothing is made for others
 */
export async function resolve(
  db: Database,
  rows: readonly StreamRow[],
  users: ReadonlySet<string>,
): Promise<Delivery[]> {
  const heard = users.size === 0 ? [] : rows.filter(({ type }) => familyOf.has(type));
  const deliverers = await prepareAll(db, heard, users);
  return heard.map((row) => ({
    seq: row.seq,
    type: row.type,
    to: new Map(deliverers.get(familyOf.get(row.type))?.(row)),
  }));
}

/** Lets each family that has rows read what it needs, all at the same time. */
async function prepareAll(
  db: Database,
  rows: readonly StreamRow[],
  users: ReadonlySet<string>,
): Promise<ReadonlyMap<Family | undefined, Deliver | undefined>> {
  const grouped = Map.groupBy(rows, ({ type }) => familyOf.get(type));
  const discussed = rows.filter(({ type }) => familyOf.get(type)?.inConversations);
  const present = attendances(db, [...new Set(discussed.map(({ aggregate_id }) => aggregate_id))], users);
  const preparing = [...grouped].map(async ([family, own]) => {
    return [family, await family?.prepare({ db, rows: own, users, attendances: present })] as const;
  });
  const [prepared] = await Promise.all([Promise.all(preparing), present]);
  return new Map(prepared);
}
