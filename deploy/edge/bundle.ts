import { join } from "node:path";
import type { ServiceName } from "@stoa/events";

const root = join(import.meta.dir, "../..");

/** One service as a single module for workerd. */
export interface EdgeBundle {
  readonly service: ServiceName;
  readonly code: string;
}

/**
 * Bundles a service's `edge.ts`.
 *
 * @throws Error when something does not resolve, or would need Node or Bun in the Worker
 */
export async function bundle(service: ServiceName): Promise<EdgeBundle> {
  const built = await Bun.build({
    entrypoints: [join(root, "services", service, "edge.ts")],
    target: "browser",
    conditions: ["workerd", "worker"],
    format: "esm",
    external: ["cloudflare:*", "node:*", "bun", "bun:*"],
    minify: { whitespace: true, syntax: true },
  });
  const code = await built.outputs[0]?.text();
  if (code === undefined) throw new Error(`Nothing came of bundling ${service}.`);
  const foreign = [...code.matchAll(/(?:from|import\(|import)\s*["']((?:node|bun)(?::[\w/]+)?)["']/g)].map(
    ([, name]) => name,
  );
  if (foreign.length > 0) throw new Error(`${service} needs ${[...new Set(foreign)].join(", ")} on Workers.`);
  return { service, code };
}
