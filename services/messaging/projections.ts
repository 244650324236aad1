import { revocations } from "@stoa/auth/revocations-table";
import type { Projection } from "@stoa/bus/types";
import { directory } from "./directory/table.ts";
import { memberships } from "./memberships/table.ts";
import { taskAssignees, tasks } from "./tasks/table.ts";

/** The tables that the projections of `handlers.ts` fill from others' events, and that nothing else writes. */
export const projections: readonly Projection[] = [
  { table: directory, holds: "the users" },
  { table: memberships, holds: "the members of projects" },
  { table: tasks, holds: "the tasks" },
  { table: taskAssignees, holds: "who is assigned to tasks" },
  { table: revocations, holds: "revoked sessions, keys and rights", kept: true },
];
