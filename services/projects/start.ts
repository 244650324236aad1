import type { JwkSet } from "@stoa/auth";
import { deriveKey } from "@stoa/auth/derive-key";
import { type Ground, jwksOf, periodically, type RunningService, startFooting } from "@stoa/runtime";
import { createApp } from "./app.ts";
import { handlers } from "./handlers.ts";
import { maintain } from "./maintenance.ts";

const MAINTENANCE_MS = 60_000;

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
  const app = createApp({ http, db, now, readYourWrites, cursor_key: await deriveKey(config.secret_key, "cursor") });
  const stopMaintenance = periodically(MAINTENANCE_MS, "projects", () => maintain({ db, now }), log);
  return {
    http: footing.http,
    fetch: app.fetch,
    stop: async () => {
      await stopMaintenance();
      await footing.stop();
    },
  };
}
