import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Conversation } from "./schema.ts";

/** Conversations: of two people, of a group, or of a project's members. */
export const conversations = sqliteTable(
  "conversations",
  {
    id: text().primaryKey(),
    type: text().$type<Conversation["type"]>().notNull(),
    title: text(),
    /** Set for a project's conversation; each project has one. */
    project_id: text(),
    /** Set for a direct conversation: both ids, sorted, so that the same two people always have the same one. */
    direct_key: text(),
    /** The `seq` of the last message. The batch that sends the next message gives it the next number. */
    last_seq: integer().notNull().default(0),
    /** All messages up to this `seq` are older than messages are kept, and empty. */
    expired_seq: integer().notNull().default(0),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    /** When there was last any activity: a message, a change of the title or of the participants. */
    updated_at: text().notNull(),
    /** Set while it is in the trash, with its project or as a group that nobody is in: nobody sees it. */
    trashed_at: text(),
    /** Set once it does not come back: nobody has been in the group for 30 days, or its project is gone. It is being cleared. */
    purged_at: text(),
  },
  (t) => [
    uniqueIndex("conversations_project").on(t.project_id),
    uniqueIndex("conversations_direct").on(t.direct_key),
    index("conversations_trashed").on(t.trashed_at).where(sql`trashed_at is not null`),
    index("conversations_purged").on(t.id).where(sql`purged_at is not null`),
    check("conversation_type", sql`${t.type} in ('direct', 'group', 'project')`),
  ],
);
