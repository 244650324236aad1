import type { JwkSet } from "@stoa/auth";
import { deriveKey } from "@stoa/auth/derive-key";
import { type Ground, jwksOf, periodically, type RunningService, startFooting, startIndexing } from "@stoa/runtime";
import { webhookPostOnDemand } from "@stoa/webhooks/post-on-demand-bun";
import { startWebhooks } from "@stoa/webhooks/start-bun";
import { createApp } from "./app.ts";
import { corporateProjects } from "./corporate/client.ts";
import { foldDirectoryKeys } from "./directory/fold-keys.ts";
import { handlers } from "./handlers.ts";
import { maintain } from "./maintenance.ts";
import { identityOver } from "./newcomers/identity.ts";
import { keepReports } from "./reports/keep.ts";
import { searchedTasks } from "./tasks/searched.ts";
import { webhookDeps } from "./webhooks/deps.ts";
import { webhookDisabled } from "./webhooks/disabled.ts";

const MAINTENANCE_MS = 60_000;
/** How often the journal is read for reports: rarely enough to read many events at once. */
const REPORTS_MS = 10_000;

/** Identity in the same process. */
export interface IdentityBeside {
  readonly publishedKeys: () => Promise<JwkSet>;
  /** Answers a request as identity, as if it came from that address. */
  readonly send: (request: Request, address: string | null) => Response | Promise<Response>;
}

/**
 * Starts projects on Bun.
 *
 * @param beside identity, when it runs in this process; it is asked over HTTP otherwise
 */
export async function startProjects(ground: Ground, beside?: IdentityBeside): Promise<RunningService> {
  const { config, db, log, now } = ground;
  const footing = await startFooting(ground, {
    service: "projects",
    handlers: handlers(config.access_token_expire_minutes * 60),
    keys: beside ? { keys: beside.publishedKeys } : jwksOf(config),
  });
  const { http, readYourWrites } = footing;
  await foldDirectoryKeys(db);
  const closing = new AbortController();
  const webhooks = webhookDeps(config);
  const cursor_key = await deriveKey(config.secret_key, "cursor");
  const corporate = config.ace_projects_url === null ? null : corporateProjects({ url: config.ace_projects_url });
  const identity = identityOver({ url: config.identity_url, ...(beside && { send: beside.send }) });
  const app = createApp({
    ...{ http, db, now, readYourWrites, cursor_key, corporate, identity, webhooks },
    closing: closing.signal,
  });
  const stopMaintenance = periodically(MAINTENANCE_MS, "projects", () => maintain({ db, now }), log);
  const stops = () => closing.signal.aborted;
  const stopIndexing = startIndexing(db, searchedTasks, log);
  const stopReports = periodically(REPORTS_MS, "reports", () => keepReports(db, stops), log);
  const post = webhookPostOnDemand(webhooks.targets);
  const stopWebhooks = startWebhooks(
    { db, now, service: "projects", box: webhooks.box, post, disabled: webhookDisabled },
    { log },
  );
  const closeStreams = () => closing.abort(new Error("The server is stopping."));
  return {
    http: footing.http,
    fetch: app.fetch,
    closeStreams,
    stop: async () => {
      closeStreams();
      await Promise.all([stopIndexing(), stopMaintenance(), stopReports(), stopWebhooks()]);
      await footing.stop();
    },
  };
}
