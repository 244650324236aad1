import { readFileSync } from "node:fs";
import type { Logger } from "@stoa/http";

/** Fewer descriptors than this are too few for a server: each connection takes one. */
const FEW = 4_096;

/** Descriptors for what is no request: files of databases, logs, connections to other servers. */
const RESERVED = 128;

/**
 * How many requests and streams may be in flight, by how many descriptors the process may have: four fifths of what the
 * process does not need itself, since connections that wait for their next request take descriptors too. Bun cannot limit
 * connections. A limit below 4,096 is logged.
 *
 * @param limit where it is unknown, 4,096
 */
export function requestCap(log: Logger, limit: number | undefined = descriptorLimit()): number {
  if (limit !== undefined && limit < FEW) {
    log.warn(
      { descriptors: limit, wanted: FEW },
      "This process may open few files, and each connection is one; raise the limit (ulimit -n).",
    );
  }
  const most = Math.floor(((limit ?? FEW) - RESERVED) * 0.8);
  return Math.max(16, Math.min(most, 1_000_000));
}

/** The soft limit of open files (RLIMIT_NOFILE); undefined where the system has none or does not say. */
export function descriptorLimit(platform: NodeJS.Platform = process.platform): number | undefined {
  if (platform === "win32") return undefined;
  if (platform === "linux") {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  }
  // A child has the limits of its parent.
  const { stdout } = Bun.spawnSync(["sh", "-c", "ulimit -n"]);
  const said = Number(stdout.toString().trim());
  return Number.isSafeInteger(said) && said > 0 ? said : undefined;
}
