import { controller, List, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { auditExample } from "../examples.ts";
import { listAudit } from "./list.ts";
import { AuditEntry, AuditQuery } from "./schema.ts";

/** The audit trail. */
export function auditRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth").get(
    "/audit",
    ({ actor, query }) => listAudit(deps, actor, query),
    operation({
      id: "audit.list",
      access: "superuser",
      summary: "List what happened, newest first",
      description: `Every change to users, sessions, roles, keys and organizations, and the failed logins of the last 30
days (type \`login.failed\`). Addresses, devices and names of erased users are gone.`,
      tags: ["administration"],
      query: AuditQuery,
      answer: List(AuditEntry),
      errors: ["invalid_cursor"],
      example: { answer: { items: [auditExample], next_cursor: null } },
    }),
  );
}
