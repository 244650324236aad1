import type { JwkSet } from "@stoa/auth";
import { deriveKey } from "@stoa/auth/derive-key";
import { purge } from "@stoa/db";
import { indexMissing } from "@stoa/db/search/index";
import { type Ground, jwksOf, periodically, type RunningService, startFooting } from "@stoa/runtime";
import { createApp } from "./app.ts";
import { corporateProjects } from "./corporate/client.ts";
import { handlers } from "./handlers.ts";
import { purges } from "./purges.ts";
import { searchedTasks } from "./tasks/searched.ts";

const MAINTENANCE_MS = 60_000;

/** How soon tasks that the search index does not have are noticed. */
const INDEXING_MS = 2_000;

/**
 * Starts projects on Bun.
 *
 * @param keys identity's keys; asked for over HTTP when absent
 */
export async function startProjects(ground: Ground, keys?: () => Promise<JwkSet>): Promise<RunningService> {
  const { config, db, log, now } = ground;
  const footing = await startFooting(ground, {
    service: "projects",
    handlers: handlers(config.access_token_expire_minutes * 60),
    keys: keys ? { keys } : jwksOf(config),
  });
  const { http, readYourWrites } = footing;
  const cursor_key = await deriveKey(config.secret_key, "cursor");
  const corporate = config.ace_projects_url === null ? null : corporateProjects({ url: config.ace_projects_url });
  const app = createApp({ http, db, now, readYourWrites, cursor_key, corporate });
  const stopMaintenance = periodically(MAINTENANCE_MS, "projects", () => purge(db, purges, now()), log);
  let goesOn = true;
  const indexing = () => indexMissing(db, searchedTasks, () => goesOn);
  const stopIndexing = periodically(INDEXING_MS, "the search index", indexing, log);
  return {
    http: footing.http,
    fetch: app.fetch,
    stop: async () => {
      goesOn = false;
      await stopIndexing();
      await stopMaintenance();
      await footing.stop();
    },
  };
}
