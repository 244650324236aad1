import { createService } from "@stoa/http";
import { auditRoutes } from "./audit/routes.ts";
import { backupRoutes } from "./backups/routes.ts";
import type { Deps } from "./deps.ts";
import { emailRoutes } from "./emails/routes.ts";
import { externalRoutes } from "./external/routes.ts";
import { importRoutes } from "./import/routes.ts";
import { invitationRoutes } from "./invitations/routes.ts";
import { keyRoutes } from "./keys/routes.ts";
import { memberRoutes } from "./members/routes.ts";
import { mfaRoutes } from "./mfa/routes.ts";
import { organizationRoutes } from "./organizations/routes.ts";
import { overviewRoutes } from "./overview/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import { recordRoutes } from "./records/routes.ts";
import { recoveryRoutes } from "./recovery/routes.ts";
import { roleRoutes } from "./roles/routes.ts";
import { sessionAdminRoutes } from "./sessions/admin-routes.ts";
import { sessionRoutes } from "./sessions/routes.ts";
import { lastSeen } from "./sessions/touch.ts";
import { settingsRoutes } from "./settings/routes.ts";
import { adminRoutes } from "./users/admin-routes.ts";
import { userRoutes } from "./users/routes.ts";

/** The old corporate clients' login. */
const envelopes = ["/user/login", "/api/user/login"].map((path) => ({
  path,
  to: "/api/v1/user/login",
  message: "You are logged in.",
}));

/** The identity service: users, sessions, roles and organizations. */
export function createApp(deps: Deps) {
  const seen = lastSeen(deps);
  const verify: Deps["http"]["verify"] = async (token) => {
    const principal = await deps.http.verify(token);
    await seen(principal.session_id);
    return principal;
  };
  const known: Deps = { ...deps, http: { ...deps.http, verify } };
  return createService(
    known.http,
    [
      userRoutes(known),
      emailRoutes(known),
      recoveryRoutes(known),
      recordRoutes(known),
      sessionRoutes(known),
      settingsRoutes(known),
      mfaRoutes(known),
      adminRoutes(known),
      importRoutes(known),
      overviewRoutes(known),
      sessionAdminRoutes(known),
      roleRoutes(known),
      keyRoutes(known),
      auditRoutes(known),
      backupRoutes(known),
      externalRoutes(known),
      organizationRoutes(known),
      memberRoutes(known),
      invitationRoutes(known),
      pageRoutes(known),
    ],
    envelopes,
  );
}
