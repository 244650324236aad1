import { revocations } from "@stoa/auth/revocations-table";
import type { Projection } from "@stoa/bus/types";
import { directory } from "./directory/table.ts";
import { organizationMembers, organizations } from "./organizations/table.ts";

/** The tables that the projections of `handlers.ts` fill from identity's events, and that nothing else writes. */
export const projections: readonly Projection[] = [
  { table: directory, holds: "the users" },
  { table: organizations, holds: "the organizations" },
  { table: organizationMembers, holds: "the members of organizations" },
  { table: revocations, holds: "revoked sessions, keys and rights", kept: true },
];
