import { join } from "node:path";
import type { ServiceName } from "@stoa/events";

const root = join(import.meta.dir, "../..");

/** One service, bundled as a single module for workerd. */
export interface EdgeBundle {
  readonly service: ServiceName;
  readonly code: string;
}

/**
 * Bundles a service's `edge.ts`.
 *
 * @throws Error when an import cannot be resolved, or when the Worker would need Node or Bun
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
  if (code === undefined) throw new Error(`Bundling ${service} made no output.`);
  const foreign = [...code.matchAll(/(?:from|import\(|import)\s*["']((?:node|bun)(?::[\w/]+)?)["']/g)].map(
    ([, name]) => name,
  );
  if (foreign.length > 0) throw new Error(`${service} needs ${[...new Set(foreign)].join(", ")} on Workers.`);
  return { service, code };
}
