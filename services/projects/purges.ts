import type { Kept, Purge } from "@stoa/db";
import { keyPurge } from "@stoa/journal";
import { deliveryPurge } from "@stoa/webhooks/purge";
import { syncPurges } from "./sync/purges.ts";

/** Every table whose rows go when their time has passed. Maintenance runs them. */
export const purges: readonly Purge[] = [keyPurge, deliveryPurge, ...syncPurges];

/** Every other table, and why it keeps its rows. */
export const kept: Kept = {
  journal: "It is the history, and what other services follow.",
  journal_identity: "It has one row.",
  guard: "It never has a row.",
  cursors: "They have one row for each service that is followed.",
  dead_letters: "An operator replays them.",
  directory: "It is a projection of identity's users.",
  organizations: "It is a projection of identity's organizations.",
  organization_members: "It is a projection of identity's members.",
  revocations: "It is a projection; each event about a revocation deletes the rows whose tokens have expired.",
  projects: "They go 30 days after they came to the trash; see `projects/purge.ts`.",
  members: "They are the users' work.",
  counters: "They have one row for each project.",
  tasks: "They go 30 days after they came to the trash; see `tasks/purge.ts`.",
  task_assignees: "They go with their task.",
  task_labels: "They go with their task.",
  report_cursor: "It has one row.",
  report_tasks: "They are a projection of the journal, of which reports of past days are made.",
  report_counts: "They are a projection of the journal, of which reports of past days are made.",
  report_workloads: "They are a projection of the journal, of which reports of past days are made.",
  report_completions: "They are a projection of the journal, of which reports of past days are made.",
  report_dues: "They are a projection of the journal, of which reports of past days are made.",
  report_trashings: "They are a projection of the journal, of which reports of past days are made.",
  tasks_words: "It is a search index of tasks.",
  tasks_substrings: "It is a search index of tasks.",
  imported: "They say what another system's ids are here; they go when their user is erased.",
  task_keys: "They go with their task.",
  worklogs: "They go with their task.",
  links: "They go with either of their tasks.",
  views: "They are the users' work, and go with their project; private ones with their creator.",
  webhooks: "They are the project's, and go with it.",
  webhook_cursor: "It has one row.",
  erasures: "A row goes when the erased user's personal tasks have gone.",
};
