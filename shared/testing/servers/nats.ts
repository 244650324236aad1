import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { holdPort } from "./held-port.ts";
import { type ServerProcess, startProcess } from "./process.ts";
import { program } from "./program.ts";
import { reachable } from "./reachable.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A real nats-server on 127.0.0.1. */
export interface NatsServer extends ServerProcess {
  /** `nats://127.0.0.1:<port>`, without a user. */
  readonly url: string;
  readonly port: number;
  /** The directory of JetStream's files. */
  readonly store: string;
  /** Empties JetStream's store. The server must be stopped. */
  wipe(): Promise<void>;
}

export interface NatsOptions {
  /** Whether JetStream is on; true by default. */
  readonly jetstream?: boolean;
  /** The text of a configuration file. Address, port and store are set by this function nevertheless. */
  readonly config?: string;
  /** The values of the configuration's `$VARIABLES`. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts nats-server with JetStream in a directory of its own. Its port is held from the beginning, because tests kill it
 * and start it again on the same port.
 */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const held = await holdPort();
  const { port } = held;
  const directory = await temporaryDirectory("nats");
  const store = join(directory.path, "store");
  const command = [program("nats-server"), "--addr", "127.0.0.1", "--port", String(port), "--store_dir", store];
  if (options.jetstream !== false) command.push("--jetstream");
  if (options.config !== undefined) {
    const file = join(directory.path, "nats.conf");
    await Bun.write(file, options.config);
    command.push("--config", file);
  }
  await mkdir(store);
  const server = await startProcess(command, {
    ...(options.env === undefined ? {} : { env: options.env }),
    ready: () => reachable(port, "INFO "),
  });
  const end = server[Symbol.asyncDispose];
  return Object.assign(server, {
    url: `nats://127.0.0.1:${port}`,
    port,
    store,
    wipe: async () => {
      if (server.running) throw new Error("Stop nats-server before wiping its store.");
      await rm(store, { recursive: true });
      await mkdir(store);
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      held[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  });
}
