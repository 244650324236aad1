import { createService } from "@stoa/http";
import { corporateRoutes } from "./corporate/routes.ts";
import { dataRoutes } from "./data/routes.ts";
import type { ProjectsDeps } from "./deps.ts";
import { exportRoutes } from "./export/routes.ts";
import { linkRoutes } from "./links/routes.ts";
import { memberRoutes } from "./members/routes.ts";
import { projectRoutes } from "./projects/routes.ts";
import { reportRoutes } from "./reports/routes.ts";
import { taskRoutes } from "./tasks/routes.ts";
import { viewRoutes } from "./views/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import { worklogRoutes } from "./worklogs/routes.ts";

export type { ProjectsDeps } from "./deps.ts";

/** The projects service: projects, their members and their tasks. */
export const createApp = (deps: ProjectsDeps) =>
  createService(
    deps.http,
    [
      projectRoutes(deps),
      memberRoutes(deps),
      taskRoutes(deps),
      worklogRoutes(deps),
      linkRoutes(deps),
      viewRoutes(deps),
      webhookRoutes(deps),
      dataRoutes(deps),
      corporateRoutes(deps),
      reportRoutes(deps),
      exportRoutes(deps),
    ],
    envelopes,
  );

/** What the old corporate clients call, with and without `/api`. */
const envelopes = (
  [
    ["/data/save", "The data is saved."],
    ["/projects/fetch-projects", "The projects are fetched."],
  ] as const
).flatMap(([path, message]) => [path, `/api${path}`].map((from) => ({ path: from, to: `/api/v1${path}`, message })));
