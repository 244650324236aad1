import { join } from "node:path";
import { type ServiceName, services } from "@stoa/events";
import {
  type CuttingProxy,
  holdPort,
  type ServerProcess,
  startProcess,
  startProxy,
  temporaryDirectory,
} from "@stoa/testing";
import { connect } from "nats";
import { withSecrets } from "../../deploy/docker/secrets.ts";
import { command } from "../command.ts";
import { type Health, readCompose } from "./compose-file.ts";
import { imageEnvironment, type LocalService, localService, root } from "./local-service.ts";
import { LocalPorts } from "./substitutes.ts";
import type { Topology } from "./topology.ts";

/** How a distributed Stoa is started. */
export interface DistributedOptions {
  /** Values for docker-compose.yml's variables; the defaults are `deploy/docker/.env.example` with new secrets. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many instances of a service run; 1 by default. The gateway knows all of them. */
  readonly replicas?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Whether the services reach their databases through proxies that can lose requests and answers. */
  readonly cutting?: boolean;
  /** A module that each service loads first: it plants a fault. */
  readonly preload?: string | undefined;
}

/**
 * Starts the services of docker-compose.yml as local processes: the same commands with the same environment, in the same
 * order, each when its dependencies' conditions hold. Only host:port pairs, the paths of volumes and users are replaced,
 * and `leftOut` is left out.
 */
export async function startDistributed(options: DistributedOptions = {}): Promise<Topology> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("compose"));
  const file = readCompose(await Bun.file(join(root, "docker-compose.yml")).text());
  const instances = new Map(file.map(({ name }) => [name, instancesOf(name, options.replicas)]));
  const held = await Promise.all(Array.from({ length: PORTS }, holdPort));
  for (const port of held) stack.use(port);
  const ports = new LocalPorts(
    instances,
    held.map(({ port }) => port),
  );
  const gatewayUrl = `http://127.0.0.1:${ports.of("gateway", 8080)}`;
  const env: Record<string, string> = {
    ...(await composeEnvironment()),
    ...forTests,
    PUBLIC_URL: gatewayUrl,
    ...options.env,
  };
  const imageEnv = imageEnvironment(await Bun.file(join(root, "deploy/docker/Dockerfile")).text());

  const proxies = options.cutting ? await startProxies(stack, ports) : undefined;
  const setting = { ports, folder: folder.path, env, imageEnv };
  const processes: Record<string, ServerProcess> = {};
  const started = new Map<string, Promise<void>>();
  const isJob = (name: string) => file.some(({ dependsOn }) => dependsOn[name] === "service_completed_successfully");
  const start = (name: string): Promise<void> => {
    const known = started.get(name);
    if (known !== undefined) return known;
    const service = file.find((each) => each.name === name);
    if (service === undefined) return Promise.reject(new Error(`docker-compose.yml has no service ${name}.`));
    const starting = (async () => {
      const { dependsOn } = service;
      await Promise.all(Object.keys(dependsOn).map(start));
      for (const instance of instances.get(name) ?? []) {
        const local = await localService(service, instance, setting);
        const process = await run(
          isService(name) ? planted(throughProxy(local, name, ports, proxies), options) : local,
        );
        stack.use(process);
        if (isJob(name)) {
          if ((await process.exited()) !== 0) throw new Error(`${name} failed:\n${process.output()}`);
        } else {
          processes[instance] = process;
        }
      }
    })();
    started.set(name, starting);
    return starting;
  };
  // All must settle before an error is thrown, so that no process starts after the others were disposed of.
  const settled = await Promise.allSettled(file.filter(({ byName }) => !byName).map(({ name }) => start(name)));
  const failures = settled.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  if (failures.length > 0) throw failures[0];

  const owned = stack.move();
  const passwordOf = (service: ServiceName) => env[`${service.toUpperCase()}_NATS_PASSWORD`] ?? "";
  const natsUrl = `nats://127.0.0.1:${ports.of("nats", 4222)}`;
  const urlsAt = (name: (service: ServiceName) => string, port: (index: number) => number) =>
    Object.fromEntries(
      services.map((service, index) => [service, `http://localhost:${ports.of(name(service), port(index))}`]),
    ) as Record<ServiceName, string>;
  return {
    name: "distributed",
    gatewayUrl,
    services: urlsAt(
      (service) => service,
      (index) => 4001 + index,
    ),
    processes,
    ...(proxies && { proxies }),
    databaseUrls: urlsAt(
      (service) => `${service}-db`,
      () => 8080,
    ),
    volumes: join(folder.path, "volumes"),
    cli: async (...args) => {
      const service = file.find(({ name }) => name === "cli");
      if (!service) throw new Error("docker-compose.yml has no service cli.");
      const { command: line, env } = await localService(service, "cli", setting);
      return command(line.slice(1, -1).concat(args), env);
    },
    superuser: { email: env.FIRST_SUPERUSER_EMAIL ?? "", password: env.FIRST_SUPERUSER_PASSWORD ?? "" },
    nats: {
      url: natsUrl,
      connect: (as) =>
        connect({
          servers: natsUrl,
          user: as,
          pass: passwordOf(as),
          inboxPrefix: `_INBOX_${as}`,
        }),
    },
    stop: async () => {
      const ours = services.flatMap((name) => instances.get(name) ?? []).filter((name) => processes[name]?.running);
      await processes.gateway?.stop();
      const codes = await Promise.all(ours.map((name) => processes[name]?.stop()));
      await owned.disposeAsync();
      const bad = ours.filter((_name, index) => codes[index] !== 0);
      if (bad.length > 0) throw new Error(`These did not end with 0 when stopped: ${bad.join(", ")}.`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** How many ports to hold: more than docker-compose.yml has, with replicas. */
const PORTS = 40;

/** Settings for tests, through variables that an operator may set as well. */
const forTests = { ENVIRONMENT: "test", RATE_LIMIT_SCALE: "0", STOA_SUBNET: "127.0.0.1/32", LOG_LEVEL: "warn" };

function instancesOf(name: string, replicas: DistributedOptions["replicas"]): string[] {
  const count = services.includes(name as ServiceName) ? (replicas?.[name as ServiceName] ?? 1) : 1;
  return Array.from({ length: count }, (_none, index) => (index === 0 ? name : `${name}-${index + 1}`));
}

type Proxies = Readonly<Record<ServiceName, CuttingProxy>>;

const isService = (name: string): name is ServiceName => services.some((service) => service === name);

async function startProxies(stack: AsyncDisposableStack, ports: LocalPorts): Promise<Proxies> {
  const start = async (service: ServiceName) => stack.use(await startProxy(ports.of(`${service}-db`, 8080)));
  return { identity: await start("identity"), projects: await start("projects"), messaging: await start("messaging") };
}

/** The same instance with its database behind a proxy. */
function throughProxy(local: LocalService, name: ServiceName, ports: LocalPorts, proxies?: Proxies): LocalService {
  if (!proxies) return local;
  const [direct, cutting] = [`localhost:${ports.of(`${name}-db`, 8080)}`, `localhost:${proxies[name].port}`];
  const env = Object.entries(local.env).map(([key, value]) => [key, value.replaceAll(direct, cutting)]);
  return { ...local, env: Object.fromEntries(env) };
}

/** The same instance with a module loaded first. */
function planted(local: LocalService, { preload }: DistributedOptions): LocalService {
  if (preload === undefined) return local;
  const [bun = "", ...rest] = local.command;
  return { ...local, command: [bun, "--preload", preload, ...rest] };
}

function run({ service, command, healthCommand, env }: LocalService): Promise<ServerProcess> {
  const { health } = service;
  return startProcess(command, {
    env,
    cwd: root,
    ...(health === null || healthCommand === null
      ? {}
      : { ready: () => healthy(healthCommand, health, env), within: health.patience }),
  });
}

async function healthy(command: readonly string[], health: Health, env: Readonly<Record<string, string>>) {
  const check = Bun.spawn([...command], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: health.timeout,
  });
  return (await check.exited) === 0;
}

/** The `.env` that `deploy/docker/secrets.ts` would write. */
async function composeEnvironment(): Promise<Record<string, string>> {
  const text = withSecrets(await Bun.file(join(root, "deploy/docker/.env.example")).text());
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
