import type { Assistant } from "./assistants/schema.ts";
import type { Block } from "./blocks/schema.ts";
import type { Conversation } from "./conversations/schema.ts";
import type { EarlierText } from "./edits/schema.ts";
import type { Follow } from "./follows/schema.ts";
import type { Presence } from "./live/schema.ts";
import type { Message } from "./messages/schema.ts";
import type { Notification } from "./notifications/schema.ts";
import type { Preferences } from "./preferences/schema.ts";
import type { OwnReport, Report } from "./reports/schema.ts";

const user_id = "0195f09a-5b6c-7d8e-9f00-112233445566";
const time = "2026-11-20T09:00:00.000Z";

/** A message, for the documentation. */
export const messageExample: Message = {
  id: "0195f0a0-7c1e-7b52-9f5e-2f6f3f0c9a11",
  conversation_id: "0195f09f-01d2-7a3b-8c11-5d8f0e7b6a22",
  task_id: null,
  status: "complete",
  seq: 42,
  type: "user",
  sender_id: user_id,
  recipient_id: null,
  content: "The plan is ready.",
  is_read: true,
  parent_id: null,
  reply_count: 0,
  client_id: "phone-17",
  reactions: [],
  mentions: [],
  pinned_at: null,
  version: 1,
  created_at: time,
  updated_at: time,
  edited_at: null,
  deleted_at: null,
};

/** What a message said before, for the documentation. */
export const earlierTextExample: EarlierText = {
  message_id: messageExample.id,
  version: 1,
  content: "The plan is ready.",
  created_at: time,
  replaced_at: "2026-11-20T09:05:00.000Z",
};

/** A conversation, for the documentation. */
export const conversationExample: Conversation = {
  id: messageExample.conversation_id,
  type: "group",
  title: "Launch",
  project_id: null,
  participants: [{ user_id, username: "ann", full_name: "Ann Ames", role: "owner", read_seq: 42 }],
  last_seq: 42,
  read_seq: 42,
  unread: 0,
  mentions: 0,
  last_message: messageExample,
  muted: false,
  version: 1,
  created_at: "2026-11-20T08:00:00.000Z",
  updated_at: time,
};

/** A notification, for the documentation. */
export const notificationExample: Notification = {
  id: "0195f0a3-1111-7222-8333-444455556666",
  kind: "assigned",
  actor_id: user_id,
  object: { type: "task", id: "0195f0a2-aaaa-7bbb-8ccc-ddddeeeeffff", title: "Write the plan" },
  is_read: false,
  created_at: time,
};

/** An assistant, for the documentation. */
export const assistantExample: Assistant = {
  id: "0195f0a4-2222-7333-8444-555566667777",
  conversation_id: messageExample.conversation_id,
  name: "helper",
  model: "gpt-4o-mini",
  instructions: "Answer in one paragraph.",
  trigger: "mention",
  base_url: null,
  creator_id: user_id,
  created_at: time,
  removed_at: null,
};
/** Following a task, for the documentation. */
export const followExample: Follow = { task_id: notificationExample.object.id, following: true };
/** Someone who is there, for the documentation. */
export const presenceExample: Presence = { user_id, status: "online" };

/** Someone who is blocked, for the documentation. */
export const blockExample: Block = {
  user_id: "0195f09b-1111-7d8e-9f00-112233445577",
  username: "mallory",
  full_name: "Mallory Moss",
  created_at: time,
};

/** A report of a message as the user who made it sees it, for the documentation. */
export const ownReportExample: OwnReport = {
  id: "0195f0a5-1111-7222-8333-444455556677",
  message_id: messageExample.id,
  conversation_id: messageExample.conversation_id,
  reporter_id: user_id,
  reason: "It names a customer's password.",
  status: "open",
  created_at: time,
};

/** A report of a message, for the documentation. */
export const reportExample: Report = {
  ...ownReportExample,
  reported_content: messageExample.content,
  message: {
    id: messageExample.id,
    conversation_id: messageExample.conversation_id,
    seq: messageExample.seq,
    sender_id: messageExample.sender_id,
    content: messageExample.content,
    created_at: time,
    edited_at: null,
    deleted_at: null,
  },
  note: null,
  resolved_by: null,
  resolved_at: null,
  version: 1,
  updated_at: time,
};

/** Preferences, for the documentation. */
export const preferencesExample: Preferences = {
  kinds: {
    assigned: "in_app",
    mentioned: "email",
    replied: "in_app",
    invited: "in_app",
    added: "in_app",
    commented: "none",
    due_soon: "in_app",
    overdue: "email",
  },
  quiet_hours: { from: "22:00", to: "07:00", tz: "Europe/Berlin" },
};
