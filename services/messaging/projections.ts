import { revocations } from "@stoa/auth/revocations-table";
import type { Projection } from "@stoa/bus/types";
import { directory } from "./directory/table.ts";
import { memberships } from "./memberships/table.ts";
import { organizationMembers } from "./organizations/table.ts";
import { projects } from "./projects/table.ts";
import { taskAssignees, tasks } from "./tasks/table.ts";
import { workEvents } from "./work/table.ts";

/** The tables that the projections of `handlers.ts` fill from others' events, and that nothing else writes. */
export const projections: readonly Projection[] = [
  { table: directory, holds: "the users" },
  { table: memberships, holds: "the members of projects" },
  { table: organizationMembers, holds: "the members of organizations" },
  { table: projects, holds: "the projects" },
  { table: workEvents, holds: "the last events of projects" },
  { table: tasks, holds: "the tasks" },
  { table: taskAssignees, holds: "who is assigned to tasks" },
  { table: revocations, holds: "revoked sessions, keys and rights", kept: true },
];
