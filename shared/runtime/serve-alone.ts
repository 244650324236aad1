import { adviceOn, type Config, ConfigError, changedSettings, configOrExit } from "@stoa/config";
import type { ServiceName } from "@stoa/events";
import { processLogger } from "@stoa/http/logger-bun";
import { addresses } from "./addresses.ts";
import { openServiceDatabase } from "./database.ts";
import { requestCap } from "./descriptors.ts";
import { orExit } from "./fail.ts";
import { listen } from "./listen.ts";
import type { Ground, RunningService } from "./service.ts";
import { stopOnSignal } from "./shutdown.ts";
import { sockets } from "./sockets.ts";
import { version } from "./version.ts";

/**
 * Runs one service as a process of its own, over NATS, until it is told to stop. Its database must have been
 * migrated.
 */
export function serveAlone(service: ServiceName, start: (ground: Ground) => Promise<RunningService>): Promise<void> {
  return orExit(async () => {
    const config = configOrExit(service);
    const log = processLogger(service, config.log_level);
    for (const advice of adviceOn(process.env, config)) log.warn({}, advice);
    const db = await openServiceDatabase(config, service, log);
    // Only now: standalone has this file too, and never a NATS server.
    const { connectNats } = await import("@stoa/bus/nats");
    const transport = connectNats({ ...(await natsOptions(config)), name: service, log });
    const peers = addresses();
    const own = sockets();
    const running = await start({
      config,
      db,
      transport,
      addressOf: peers.of,
      upgrade: own.upgrade,
      log,
      now: () => new Date(),
    });
    const { host, port } = config;
    const cap = { most: requestCap(log), http: running.http };
    const listener = listen({ host, port, handle: running.fetch, cap, sockets: own, addresses: peers });
    log.info(
      { version, topology: "distributed", port: listener.port, settings: changedSettings(process.env) },
      "started",
    );
    stopOnSignal(
      async () => {
        const stopped = listener.stop();
        running.closeStreams?.();
        await stopped;
        await running.stop();
        await transport.close();
        db.close();
        log.info({}, "stopped");
      },
      (error) => log.error({ err: error }, "The service did not stop cleanly."),
    );
  });
}

async function natsOptions(config: Config) {
  if (config.nats_url === null) throw new ConfigError("NATS_URL", "is required by a service that runs on its own.");
  const { nats_url: servers, nats_creds, nats_replicas } = config;
  const creds = nats_creds === null ? undefined : await Bun.file(nats_creds).bytes();
  return { servers, creds, replicas: nats_replicas ?? undefined };
}
