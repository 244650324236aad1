import type { Kept, Purge } from "@stoa/db";
import { keyPurge } from "@stoa/journal";
import { mailPurge } from "@stoa/mail/purge";
import { answerPurge, spendingPurge } from "./assistants/purges.ts";
import { digestPurge } from "./digests/purge.ts";
import { ticketPurge } from "./stream/tickets.ts";

/** Every table whose rows go when their time has passed. Maintenance runs them. */
export const purges: readonly Purge[] = [keyPurge, ticketPurge, mailPurge, digestPurge, answerPurge, spendingPurge];

/** Every other table, and why it keeps its rows. */
export const kept: Kept = {
  journal: "It is the history, and what live streams resume from.",
  journal_identity: "It has one row.",
  guard: "It never has a row.",
  cursors: "They have one row for each service that is followed.",
  dead_letters: "An operator replays them.",
  directory: "It is a projection of identity's users.",
  memberships: "It is a projection of the members of projects.",
  organization_members: "It is a projection of the members of organizations.",
  projects: "It is a projection of the projects.",
  work_events: "It is a projection of the last events of projects; each that comes takes out the oldest.",
  revocations: "It is a projection; each event about a revocation deletes the rows whose tokens have expired.",
  conversations:
    "They are the users' words; a project's goes with it, a group that nobody is in after 30 days, see `conversations/purge.ts`.",
  participants: "They go when they leave.",
  reports: "They are the record of moderation; what their messages said goes when they are resolved.",
  message_erasures: "A row goes when the user's messages have gone.",
  assistants: "Their messages name them, also when they were removed; they go with their conversation.",
  blocks: "They are the users' will, and go with either user.",
  messages: "They are the users' words; a deleted one keeps its place.",
  messages_words: "It is a search index of messages.",
  messages_substrings: "It is a search index of messages.",
  tasks: "It is a projection of projects' tasks.",
  task_assignees: "It is a projection of who is assigned to tasks.",
  task_follows: "They are the users' wishes, and go with their task or their user.",
  message_edits: "They are the users' words, and go when their message is deleted.",
  reactions: "They go when their message is deleted.",
  message_mentions: "They go with their message, or when it is deleted or edited.",
  notification_preferences: "They go with their user.",
  notifications: "They are the users' to read, and go with their user.",
};
