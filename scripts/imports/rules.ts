import type { Import } from "./graph.ts";
import { type Place, placeOf } from "./place.ts";

/** A rule for single imports. `broken` says what is wrong, or returns undefined. */
export interface Rule {
  readonly name: string;
  broken(edge: Edge): string | undefined;
}

/** An import with the places of both files; `to` is null for packages from the registry. */
export interface Edge {
  readonly from: Place;
  readonly to: Place | null;
  readonly module: string;
}

/** An import that breaks a rule. */
export interface Violation {
  readonly rule: string;
  readonly at: string;
  readonly message: string;
}

const roots = ["app.ts", "main.ts", "edge.ts", "handlers.ts"];
const natsAreas = ["shared/bus", "shared/testing"];

/** The rules of the layout. */
export const rules: readonly Rule[] = [
  {
    name: "portable",
    broken: ({ from, to, module }) => {
      if (!from.portable) return undefined;
      if (to !== null) return to.portable ? undefined : "Workers cannot run it; pass it through deps";
      const runtime = module === "bun" || /^(bun|node):/.test(module) || module === "nats";
      if (runtime) return "Workers do not have it; pass it through deps";
      return module.startsWith("cloudflare:") && !from.edge ? "only edge.ts may import it" : undefined;
    },
  },
  {
    name: "environment",
    broken: ({ from, to }) =>
      to?.package === "shared/config" && from.portable && !from.edge && from.package !== "shared/config"
        ? "only the process's start may read the environment; pass it through deps"
        : undefined,
  },
  {
    name: "downwards",
    broken: ({ from, to }) => {
      if (to === null) return undefined;
      if (from.area === "shared" && to.area !== "shared") return "shared/ may import only shared/";
      if (from.area === "services" && !["shared", "services"].includes(to.area)) {
        return "a service may import only itself and shared/";
      }
      return undefined;
    },
  },
  {
    name: "one-service",
    broken: ({ from, to }) =>
      from.area === "services" && to?.area === "services" && from.package !== to.package
        ? "services know each other only by events"
        : undefined,
  },
  {
    name: "slices",
    broken: ({ from, to }) => {
      if (from.test || from.slice === null || to?.area !== "services" || to.package !== from.package) return undefined;
      if (to.slice === null)
        return roots.includes(to.file) ? "a slice may not import what is composed of it" : undefined;
      if (to.slice === from.slice) return undefined;
      return to.file === "routes.ts" || to.file.startsWith("on-")
        ? "another slice may import only its verbs, table.ts and schema.ts"
        : undefined;
    },
  },
  {
    name: "testing",
    broken: ({ from, to }) =>
      to?.package === "shared/testing" && !from.test && !["shared/testing", "bench"].includes(from.package ?? from.area)
        ? "only tests may import @stoa/testing"
        : undefined,
  },
  {
    name: "no-test-code",
    broken: ({ from, to }) =>
      to?.test && !from.test && from.area !== "bench" ? "only tests may import test code" : undefined,
  },
  {
    name: "nats",
    broken: ({ from, module }) =>
      module === "nats" && !from.test && !natsAreas.includes(from.package ?? "") && from.area !== "bench"
        ? "only shared/bus may import nats"
        : undefined,
  },
];

/** The imports that break a rule, refer to no file, or reach into another package by a path instead of its name. */
export function violationsOf(imports: readonly Import[]): Violation[] {
  return imports.flatMap(({ from, line, specifier, target }): Violation[] => {
    const at = `${from}:${line}`;
    if (target.kind === "missing") return [{ rule: "exists", at, message: `imports ${specifier}: no such file` }];
    const edge: Edge = {
      from: placeOf(from),
      to: target.kind === "file" ? placeOf(target.path) : null,
      module: target.kind === "package" ? target.name : target.path,
    };
    const found = rules.flatMap((rule) => {
      const message = rule.broken(edge);
      return message === undefined ? [] : [{ rule: rule.name, at, message: `imports ${specifier}: ${message}` }];
    });
    const foreign = edge.to?.package !== null && edge.to?.package !== edge.from.package;
    if (edge.to !== null && foreign && specifier.startsWith(".")) {
      found.push({ rule: "by-name", at, message: `imports ${specifier}: another package is imported by its name` });
    }
    return found;
  });
}
