import { dirname, resolve } from "node:path";
import { NatsLink } from "@stoa/bus/nats/link";
import type { Operated, OwnReader } from "@stoa/bus/operation";
import type { Database } from "@stoa/db";
import { filePathOf } from "@stoa/db/file-path";
import { type ServiceName, services } from "@stoa/events";
import { handlers as identityHandlers } from "@stoa/identity/handlers";
import { projections as identityProjections } from "@stoa/identity/projections";
import { handlers as messagingHandlers } from "@stoa/messaging/handlers";
import { projections as messagingProjections } from "@stoa/messaging/projections";
import { handlers as projectsHandlers } from "@stoa/projects/handlers";
import { projections as projectsProjections } from "@stoa/projects/projections";
import { reportsReadTo } from "@stoa/projects/reports/ready";
import { fannedOutTo } from "@stoa/webhooks/fan-out";
import { lockAlone } from "../../standalone/running.ts";
import { type Environment, isThere, openTarget, type Target, targetOf } from "../db/target.ts";

/** The handlers and projections of each service, and who reads its own journal. */
function followers(env: Environment): Record<ServiceName, Omit<Operated, "service" | "db">> {
  const lifetimeSeconds = Number(env["ACCESS_TOKEN_EXPIRE_MINUTES"] || 15) * 60;
  return {
    identity: { handlers: identityHandlers, projections: identityProjections },
    projects: { handlers: projectsHandlers(lifetimeSeconds), projections: projectsProjections, readers },
    messaging: { handlers: messagingHandlers(lifetimeSeconds), projections: messagingProjections },
  };
}

const readers: readonly OwnReader[] = [
  { consumer: "the webhooks of projects", at: fannedOutTo },
  { consumer: "the reports of projects", at: reportsReadTo },
];

/** A service whose database is a file that is not there, although others are in its folder. */
export interface Missing {
  readonly service: ServiceName;
  readonly path: string;
}

/**
 * Opens all databases that have a URL, and the files that exist. `missing`: files that should be beside them. `folders`:
 * where the files are.
 *
 * @param options `lock`: whether the folders of files are locked meanwhile, for work that a running Stoa must not see
 */
export async function openAll(env: Environment, { lock }: { readonly lock: boolean }) {
  const locks: { release(): void }[] = [];
  const open: Database[] = [];
  const operated: Operated[] = [];
  const close = () => {
    for (const db of open) db.close();
    for (const lock of locks) lock.release();
  };
  try {
    const all = services.map((service) => ({ service, ...targetOf(service, env) }));
    const targets = all.filter(isThere);
    const folders = targets.flatMap(folderOf);
    const missing: Missing[] = all
      .filter((target) => !targets.includes(target) && folderOf(target).some((folder) => folders.includes(folder)))
      .map(({ service, url }) => ({ service, path: filePathOf(url) }));
    if (lock) for (const folder of new Set(folders)) locks.push(lockAlone(folder));
    for (const { service, ...target } of targets) {
      const db = await openTarget(target);
      open.push(db);
      operated.push({ service, db, ...followers(env)[service] });
    }
    return { operated, missing, folders: [...new Set(folders)], close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The folder of a database that is a file. */
function folderOf({ url }: Target): string[] {
  return url.startsWith("file:") ? [dirname(resolve(filePathOf(url)))] : [];
}

/** A connection to the NATS of the environment; undefined without `NATS_URL`. */
export async function connectLink(env: Environment): Promise<NatsLink | undefined> {
  if (!env["NATS_URL"]) return undefined;
  const creds = env["NATS_CREDS"] ? await Bun.file(env["NATS_CREDS"]).bytes() : undefined;
  const replicas = Number(env["NATS_REPLICAS"]) || undefined;
  const link = new NatsLink({ servers: env["NATS_URL"], creds, replicas, name: userOf(env["NATS_URL"]), log: quiet });
  if (await link.up(5_000)) return link;
  await link.close();
  throw new Error("NATS does not answer at NATS_URL; check its address and user, then run this again.");
}

/** The user in `NATS_URL`. A service's user may receive replies only under its own name. */
const userOf = (servers: string) => URL.parse(servers.split(",")[0] ?? "")?.username || "events";

/** Drops what the bus logs, because the commands print their own lines. */
export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
