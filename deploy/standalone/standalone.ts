import { inProcess } from "@stoa/bus";
import { adviceOn, type Config, changedSettings, configOrExit } from "@stoa/config";
import type { Database } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { type ServiceName, services } from "@stoa/events";
import type { Logger } from "@stoa/http";
import { createLimits } from "@stoa/http/limits";
import { processLogger } from "@stoa/http/logger-bun";
import { startIdentity } from "@stoa/identity/start";
import { startMessaging } from "@stoa/messaging/start";
import { startProjects } from "@stoa/projects/start";
import {
  addresses,
  type Ground,
  listen,
  openServiceDatabase,
  type RunningService,
  requestCap,
  sockets,
  stopOnSignal,
} from "@stoa/runtime";
import { version } from "@stoa/runtime/version";
import { dispatch, originalOf } from "../gateway/dispatch.ts";
import { runningBackups } from "./backups.ts";
import { banner } from "./banner.ts";
import { requireSiblings } from "./files.ts";
import { gatewayOver } from "./gateway.ts";
import { keepPrivate } from "./keep-private.ts";
import { forgetRunning, lockAlone, noteRunning } from "./running.ts";

/**
 * All of Stoa in one process, on one port, with its databases as files in `DATA_DIR`. Unless new databases are accepted,
 * it refuses to make one beside others that are not new.
 */
export async function startStandalone({ accept_new = false } = {}): Promise<void> {
  const config = configOrExit("standalone");
  const log = processLogger("stoa", config.log_level);
  keepPrivate(config.data_dir, log);
  for (const advice of adviceOn(process.env, config)) log.warn({}, advice);
  const lock = lockAlone(config.data_dir);
  const { databases, migrations } = await openDatabases(config, log, accept_new);
  const transport = inProcess(databases, log);
  const peers = addresses();
  const own = sockets();
  const limits = createLimits(config.rate_limit_scale, Date.now);
  const ground = (service: ServiceName): Ground => ({
    config,
    db: databases[service],
    transport,
    addressOf: (request) => peers.of(originalOf(request)),
    limits,
    upgrade: (request, peer) => own.upgrade(originalOf(request), peer),
    log,
    now: () => new Date(),
  });

  const backups = runningBackups(config, log);
  const identity = await startIdentity(ground("identity"), backups);
  const projects = await startProjects(ground("projects"), {
    publishedKeys: identity.publishedKeys,
    send: (request, address) => identity.fetch(peers.note(request, address ?? undefined)),
  });
  const messaging = await startMessaging(ground("messaging"), identity.publishedKeys);
  const running: Record<ServiceName, RunningService> = { identity, projects, messaging };

  const answerers = { ...running, gateway: gatewayOver(running) };
  const handle = (received: Request) => {
    const { to, request } = dispatch(received);
    return answerers[to].fetch(request);
  };
  const cap = { most: requestCap(log), http: identity.http };
  const { host, port } = config;
  const listener = listen({ host, port, handle, cap, sockets: own, addresses: peers });
  noteRunning(config.data_dir, host, listener.port);
  log.info({ version, topology: "standalone", migrations, settings: changedSettings(process.env) }, "started");
  process.stdout.write(banner(config, identity.firstPassword));
  stopOnSignal(
    async () => {
      const stopped = listener.stop();
      backups?.stop();
      for (const service of services) running[service].closeStreams?.();
      await stopped;
      for (const service of services) await running[service].stop();
      await transport.close();
      for (const service of services) databases[service].close();
      forgetRunning(config.data_dir);
      lock.release();
      log.info({}, "stopped");
    },
    (error) => log.error({ err: error }, "Stoa did not stop cleanly."),
  );
}

/** Opens and migrates the databases. `migrations`: those that this start has applied, as `identity/0000_initial`. */
async function openDatabases(config: Config, log: Logger, acceptNew: boolean) {
  const opened = new Map<ServiceName, Database>();
  const migrations: string[] = [];
  const openOnce = async (service: ServiceName) => {
    const db = opened.get(service) ?? (await openServiceDatabase(config, service, log));
    opened.set(service, db);
    return db;
  };
  const accept = "start with --accept-new";
  if (!acceptNew) await requireSiblings(config.databases, { accept, open: openOnce });
  const open = async (service: ServiceName) => {
    const db = await openOnce(service);
    const applied = await migrate(db, readMigrations(service));
    migrations.push(...applied.map((tag) => `${service}/${tag}`));
    return db;
  };
  const databases: Record<ServiceName, Database> = {
    identity: await open("identity"),
    projects: await open("projects"),
    messaging: await open("messaging"),
  };
  return { databases, migrations };
}
