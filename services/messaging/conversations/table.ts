import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Conversations: of two, of a group, or of a project's members. */
export const conversations = sqliteTable(
  "conversations",
  {
    id: text().primaryKey(),
    type: text({ enum: ["direct", "group", "project"] }).notNull(),
    title: text(),
    /** Of a project's conversation: there is one for each. */
    project_id: text(),
    /** Of a direct one: both ids, sorted, so that the same two people always have the same. */
    direct_key: text(),
    /** The `seq` of the last message; the next one gets the one after, in its own batch. */
    last_seq: integer().notNull().default(0),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    /** The latest activity: a message, a change of title or participants. */
    updated_at: text().notNull(),
    /** Set while its project is in the trash: nobody sees it. */
    trashed_at: text(),
  },
  (t) => [
    uniqueIndex("conversations_project").on(t.project_id),
    uniqueIndex("conversations_direct").on(t.direct_key),
    check("conversation_type", sql`${t.type} in ('direct', 'group', 'project')`),
  ],
);

/** Who takes part in a conversation, and how far each has read. */
export const participants = sqliteTable(
  "participants",
  {
    conversation_id: text()
      .notNull()
      .references(() => conversations.id),
    user_id: text().notNull(),
    role: text({ enum: ["owner", "member"] }).notNull(),
    /** The last message read; never moves back. Own messages are never past it: sending moves it. */
    read_seq: integer().notNull().default(0),
    muted: integer().notNull().default(0),
    joined_at: text().notNull(),
    /** Of a direct conversation that its user left: hidden from them until either writes again. */
    left_at: text(),
  },
  (t) => [
    primaryKey({ columns: [t.conversation_id, t.user_id] }),
    index("participants_user").on(t.user_id, t.conversation_id),
  ],
);
