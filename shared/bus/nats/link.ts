import { pause } from "@stoa/db";
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection, NatsError } from "nats";
import { Backoff } from "../backoff.ts";
import type { Log } from "../types.ts";

/** How to reach NATS. */
export interface NatsOptions {
  /** `nats://user:password@host:4222`, several separated by commas; `tls://` for TLS. */
  readonly servers: string;
  /** The contents of a credentials file (`NATS_CREDS`), instead of a user in the URL. */
  readonly creds?: Uint8Array | undefined;
  /** How many servers of a cluster keep each event (`NATS_REPLICAS`); one when not set, and then no stream is changed to it. */
  readonly replicas?: number | undefined;
  /** The client's name, which the server shows; it also makes the private inbox prefix `_INBOX_<name>`. */
  readonly name: string;
  readonly log: Log;
}

/** NATS cannot be reached now. */
export class Disconnected extends Error {
  override readonly name = "Disconnected";
}

/**
 * One connection that is opened again whenever it ends, for whatever reason. A server that stops answering without
 * closing the connection is noticed within about five seconds.
 */
export class NatsLink {
  readonly #options: NatsOptions;
  readonly #closing = new AbortController();
  readonly #watchers = new Set<() => void>();
  readonly #running: Promise<void>;
  #nc: NatsConnection | undefined;
  #live = false;

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** The prefix of the subjects where this connection may receive replies: `_INBOX_<name>`. */
  get inboxPrefix(): string {
    return `_INBOX_${this.#options.name}`;
  }

  /** How many servers of a cluster are to keep each event; undefined when that was not said. */
  get replicas(): number | undefined {
    return this.#options.replicas;
  }

  get connected(): boolean {
    return this.#live;
  }

  /**
   * The present connection.
   *
   * @throws Disconnected
   */
  connection(): NatsConnection {
    if (!this.#nc || !this.#live) throw new Disconnected("NATS is not connected.");
    return this.#nc;
  }

  /** Calls back whenever the connection is opened or lost. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Waits until there is a connection, for at most so many milliseconds. Returns whether there is one. */
  async up(withinMs: number): Promise<boolean> {
    const waiting = new AbortController();
    const deaf = this.onChange(() => waiting.abort());
    if (!this.#live) await pause(withinMs, waiting.signal);
    deaf();
    return this.#live;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#nc?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const signal = this.#closing.signal;
    const backoff = new Backoff(100, 2_000);
    let told = false;
    while (!signal.aborted) {
      try {
        const nc = await connect({ ...connectionOptions(this.#options), inboxPrefix: this.inboxPrefix });
        this.#nc = nc;
        if (signal.aborted) await nc.close();
        this.#change(!signal.aborted);
        if (told) log.info({}, "NATS is connected.");
        told = false;
        backoff.reset();
        // This is not awaited, because the client leaves its status iterator open when the connection is closed.
        this.#watch(nc).catch((error: unknown) =>
          log.warn({ reason: reasonOf(error) }, "The state of the NATS connection is no longer known."),
        );
        const ended = await nc.closed();
        if (!signal.aborted) log.warn({ reason: reasonOf(ended) }, "The connection to NATS ended; connecting again.");
      } catch (error) {
        if (!told) log.warn({ reason: reasonOf(error) }, "NATS cannot be reached; this is tried until it succeeds.");
        told = true;
      }
      this.#change(false);
      await backoff.wait(signal);
    }
  }

  async #watch(nc: NatsConnection): Promise<void> {
    const { log } = this.#options;
    for await (const status of nc.status()) {
      if (status.type === "disconnect") {
        log.warn({}, "The connection to NATS was lost.");
        this.#change(false);
      } else if (status.type === "reconnect") {
        log.info({}, "NATS is connected again.");
        this.#change(true);
      } else if (status.type === "error") {
        log.warn({ reason: String(status.data) }, "NATS reported an error.");
      }
    }
  }

  #change(live: boolean): void {
    if (this.#live === live) return;
    this.#live = live;
    for (const watcher of this.#watchers) watcher();
  }
}

function connectionOptions({ servers, creds, name }: NatsOptions): ConnectionOptions {
  const urls = servers
    .split(",")
    .map((server) => new URL(server.includes("://") ? server.trim() : `nats://${server.trim()}`));
  const [first] = urls;
  return {
    servers: urls.map((url) => url.host),
    name,
    timeout: 3_000,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    ignoreAuthErrorAbort: true,
    pingInterval: 1_500,
    maxPingOut: 2,
    ...(urls.some((url) => url.protocol === "tls:") ? { tls: {} } : {}),
    ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    ...(creds ? { authenticator: credsAuthenticator(creds) } : {}),
  };
}

/** An error's message, JetStream's own if it gave one. The messages of NATS hold codes and subjects, never credentials. */
export function reasonOf(error: unknown): string {
  if (error instanceof NatsError && error.api_error) return error.api_error.description;
  return error instanceof Error ? error.message : "closed";
}
