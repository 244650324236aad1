import type { JwkSet } from "@stoa/auth";
import { deriveKey } from "@stoa/auth/derive-key";
import { purge } from "@stoa/db";
import { type Ground, jwksOf, periodically, type RunningService, startFooting } from "@stoa/runtime";
import { createApp } from "./app.ts";
import { handlers } from "./handlers.ts";
import { purges } from "./purges.ts";
import { keepReports } from "./reports/keep.ts";

const MAINTENANCE_MS = 60_000;
/** How often the journal is read for reports: rarely enough to read many events at once. */
const REPORTS_MS = 10_000;

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
  const closing = new AbortController();
  const cursor_key = await deriveKey(config.secret_key, "cursor");
  const app = createApp({ http, db, now, readYourWrites, cursor_key, closing: closing.signal });
  const stopMaintenance = periodically(MAINTENANCE_MS, "projects", () => purge(db, purges, now()), log);
  let stopped = false;
  const stopReports = periodically(REPORTS_MS, "reports", () => keepReports(db, () => stopped), log);
  return {
    http: footing.http,
    fetch: app.fetch,
    closeStreams: () => closing.abort(new Error("The server is stopping.")),
    stop: async () => {
      stopped = true;
      await Promise.all([stopMaintenance(), stopReports()]);
      await footing.stop();
    },
  };
}
