/** Texts that are left out for local processes, by file. Apart from users, nothing else differs from the containers. */
export const leftOut: Readonly<Record<string, string>> = {
  "deploy/nats/durable.conf": "Debian's nats-server refuses sync_interval, so the included file is empty",
};

/** Ports of 127.0.0.1 that replace the ports of containers. */
export class LocalPorts {
  readonly #known = new Map<string, number>();
  readonly #replicas: ReadonlyMap<string, readonly string[]>;

  readonly #free: number[];

  /**
   * @param replicas the instances of each service
   * @param free ports that no other process gets
   */
  constructor(replicas: ReadonlyMap<string, readonly string[]>, free: readonly number[]) {
    this.#replicas = replicas;
    this.#free = [...free];
  }

  /** The local port that replaces an instance's port. */
  of(instance: string, port: number): number {
    const key = `${instance}:${port}`;
    const local = this.#known.get(key) ?? this.#free.pop();
    if (local === undefined) throw new Error(`There is no port left for ${key}.`);
    this.#known.set(key, local);
    return local;
  }

  /**
   * Replaces `service:port`, and `0.0.0.0:port` and the like for the instance itself, by `127.0.0.1:local`. A service
   * with several instances is replaced by all of them, separated by spaces.
   */
  replace(text: string, self: string): string {
    const local = (host: string, port: string) =>
      (this.#replicas.get(host) ?? [self])
        .map((instance) => `${addressOf(host)}:${this.of(instance, Number(port))}`)
        .join(" ");
    const hosts = [...this.#replicas.keys(), "0\\.0\\.0\\.0", "127\\.0\\.0\\.1", "localhost"].join("|");
    return text
      .replace(new RegExp(`(?<![\\w.-])(${hosts}):(\\d+)\\b`, "g"), (_all, host: string, port: string) =>
        local(host, port),
      )
      .replace(/\/\/:(\d+)\b/g, (_all, port: string) => `//${local("", port)}`);
  }
}

/** Where an instance listens. sqld takes its namespace from the host name, which must have one label like that in compose. */
const addressOf = (host: string) => (host.endsWith("-db") ? "localhost" : "127.0.0.1");

/** Replaces the paths of volumes, and paths below them, by local ones. */
export function replacePaths(text: string, paths: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [inside, local] of paths) {
    const whole = inside.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    result = result.replaceAll(new RegExp(`(?<![\\w.-])${whole}(?![\\w.-])`, "g"), () => local);
  }
  return result;
}
