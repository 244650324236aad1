import type { Kept, Purge } from "@stoa/db";
import { keyPurge } from "@stoa/journal";
import { syncPurges } from "./sync/purges.ts";

/** Every table whose rows go when their time has passed. Maintenance runs them. */
export const purges: readonly Purge[] = [keyPurge, ...syncPurges];

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
  projects: "They are the users' work, in the trash too.",
  members: "They are the users' work.",
  counters: "They have one row for each project.",
  tasks: "They are the users' work, in the trash too.",
  task_assignees: "They go with their task.",
  task_labels: "They go with their task.",
  report_cursor: "It has one row.",
  report_tasks: "They are a projection of the journal, of which reports of past days are made.",
  report_counts: "They are a projection of the journal, of which reports of past days are made.",
  report_workloads: "They are a projection of the journal, of which reports of past days are made.",
  report_completions: "They are a projection of the journal, of which reports of past days are made.",
  report_dues: "They are a projection of the journal, of which reports of past days are made.",
  report_trashings: "They are a projection of the journal, of which reports of past days are made.",
  tasks_text: "It is the search index of tasks.",
};
