import { join } from "node:path";
import type { ServiceName } from "@stoa/events";
import { holdPort, startProcess, temporaryDirectory } from "@stoa/testing";
import { root } from "./local-service.ts";
import type { Topology } from "./topology.ts";

/** How a standalone Stoa is started. */
export interface StandaloneOptions {
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** A module that the process loads first. */
  readonly preload?: string;
}

/** Starts all of Stoa in one process, as `bun start` does, on a free port with a data folder of its own. */
export async function startStandalone(options: StandaloneOptions = {}): Promise<Topology> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("standalone"));
  const { port } = stack.use(await holdPort());
  const gatewayUrl = `http://127.0.0.1:${port}`;
  const superuser = { email: "admin@example.com", password: `s${crypto.randomUUID()}` };
  const env = {
    PORT: String(port),
    HOST: "127.0.0.1",
    DATA_DIR: join(folder.path, "data"),
    ISSUER: gatewayUrl,
    ENVIRONMENT: "test",
    RATE_LIMIT_SCALE: "0",
    LOG_LEVEL: "warn",
    FIRST_SUPERUSER_EMAIL: superuser.email,
    FIRST_SUPERUSER_PASSWORD: superuser.password,
    ...options.env,
  };
  const preloads = options.preload === undefined ? [] : ["--preload", options.preload];
  const standalone = stack.use(
    await startProcess([process.execPath, ...preloads, "deploy/standalone/main.ts"], {
      env,
      cwd: root,
      ready: async () => (await fetch(`${gatewayUrl}/health/ready`)).ok,
    }),
  );
  const owned = stack.move();
  const each = (value: (service: ServiceName) => string) => ({
    identity: value("identity"),
    projects: value("projects"),
    messaging: value("messaging"),
  });
  return {
    name: "standalone",
    gatewayUrl,
    services: each(() => gatewayUrl),
    processes: { standalone },
    databaseUrls: each((service) => `file:${join(env.DATA_DIR, `${service}.db`)}`),
    volumes: null,
    superuser,
    nats: null,
    stop: async () => {
      const code = standalone.running ? await standalone.stop() : 0;
      await owned.disposeAsync();
      if (code !== 0) throw new Error(`Standalone ended with ${code} when stopped:\n${standalone.output()}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
