import { controller, List, listQuery, operation } from "@stoa/http";
import { AuditEntry } from "../audit/schema.ts";
import type { Deps } from "../deps.ts";
import { auditExample, userExample } from "../examples.ts";
import { listOwnAudit } from "./audit.ts";
import { download, exportUser } from "./export.ts";
import { UserExport } from "./schema.ts";

const tags = ["users"];

/** What identity holds on the user. */
export function recordRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/me")
    .get(
      "/audit",
      ({ actor, query }) => listOwnAudit(deps, actor, query),
      operation({
        id: "me.audit.list",
        access: "user",
        summary: "List one's own security events",
        description:
          "What you did, what was done to you, and logins that failed, newest first. Where others acted from is left out.",
        tags,
        query: listQuery({}),
        answer: List(AuditEntry),
        errors: ["invalid_cursor"],
        example: { answer: { items: [auditExample], next_cursor: null } },
      }),
    )
    .get(
      "/export",
      async ({ actor }) => download(await exportUser(deps, actor)),
      operation({
        id: "me.export",
        access: "user",
        summary: "Read all that identity holds on oneself",
        description:
          "One JSON document, streamed. Of passwords, tokens and second factors it says that they exist, never what they are.",
        tags,
        secret: true,
        documented: UserExport,
        example: {
          answer: {
            exported_at: "2026-11-20T09:00:00.000Z",
            user: { ...userExample, password_changed_at: "2026-11-20T09:00:00.000Z" },
            sessions: [],
            organizations: [],
            invitations: [],
            external_identities: [],
            second_factors: [],
            former_usernames: [],
            known_devices: [],
            mails: [],
            mailed_tokens: [],
            audit: [auditExample],
          },
        },
      }),
    );
}
