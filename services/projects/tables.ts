/** Every table of the service's database, for drizzle-kit. */
export { revocations } from "@stoa/auth/revocations-table";
export { cursors, deadLetters } from "@stoa/bus/table";
export { idempotency, journalIdentity, projectsJournal as journal } from "@stoa/journal";
export { webhookCursor, webhookDeliveries, webhooks } from "@stoa/webhooks/table";
export { imported } from "./data/table.ts";
export { directory } from "./directory/table.ts";
export { guard } from "./guard.ts";
export { links } from "./links/table.ts";
export { members } from "./members/table.ts";
export { organizationMembers, organizations } from "./organizations/table.ts";
export { counters, projects } from "./projects/table.ts";
export {
  reportCompletions,
  reportCounts,
  reportCursor,
  reportDues,
  reportTasks,
  reportTrashings,
  reportWorkloads,
} from "./reports/table.ts";
export { accessChanges, tombstones } from "./sync/table.ts";
export { erasures, taskAssignees, taskKeys, taskLabels, tasks } from "./tasks/table.ts";
export { views } from "./views/table.ts";
export { worklogs } from "./worklogs/table.ts";
