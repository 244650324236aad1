import type { Import } from "./graph.ts";
import { type Place, placeOf } from "./place.ts";

/** One rule on single imports: says what is wrong, or nothing. */
export interface Rule {
  readonly name: string;
  broken(edge: Edge): string | undefined;
}

/** An import with the places of both ends; `to` is null for packages from the registry. */
export interface Edge {
  readonly from: Place;
  readonly to: Place | null;
  readonly module: string;
}

/** An import that should not be. */
export interface Violation {
  readonly rule: string;
  readonly at: string;
  readonly message: string;
}

const roots = ["app.ts", "main.ts", "edge.ts", "handlers.ts"];
const natsAreas = ["shared/bus", "shared/testing"];

/** The rules of architecture §2. */
export const rules: readonly Rule[] = [
  {
    name: "portable",
    broken: ({ from, to, module }) => {
      if (!from.portable) return undefined;
      if (to !== null) return to.portable ? undefined : "Workers cannot run that; take it through deps";
      const runtime = module === "bun" || /^(bun|node):/.test(module) || module === "nats" || module === "pino";
      if (runtime) return "Workers do not have that; take it through deps";
      return module.startsWith("cloudflare:") && !from.edge ? "only edge.ts knows Workers" : undefined;
    },
  },
  {
    name: "environment",
    broken: ({ from, to }) =>
      to?.package === "shared/config" && from.portable && !from.edge && from.package !== "shared/config"
        ? "only roots read the environment; take it through deps"
        : undefined,
  },
  {
    name: "downwards",
    broken: ({ from, to }) => {
      if (to === null) return undefined;
      if (from.area === "shared" && to.area !== "shared") return "shared/ stands on nothing but shared/";
      if (from.area === "services" && !["shared", "services"].includes(to.area)) {
        return "a service stands on nothing but shared/";
      }
      return undefined;
    },
  },
  {
    name: "one-service",
    broken: ({ from, to }) =>
      from.area === "services" && to?.area === "services" && from.package !== to.package
        ? "services know each other by events alone"
        : undefined,
  },
  {
    name: "slices",
    broken: ({ from, to }) => {
      if (from.test || from.slice === null || to?.area !== "services" || to.package !== from.package) return undefined;
      if (to.slice === null) return roots.includes(to.file) ? "a slice does not know what is made of it" : undefined;
      if (to.slice === from.slice) return undefined;
      return to.file === "routes.ts" || to.file.startsWith("on-")
        ? "a neighbour gives its verbs, table.ts and schema.ts, nothing else"
        : undefined;
    },
  },
  {
    name: "testing",
    broken: ({ from, to }) =>
      to?.package === "shared/testing" && !from.test && !["shared/testing", "bench"].includes(from.package ?? from.area)
        ? "only tests import @stoa/testing"
        : undefined,
  },
  {
    name: "no-test-code",
    broken: ({ from, to }) =>
      to?.test && !from.test && from.area !== "bench" ? "only tests import what belongs to tests" : undefined,
  },
  {
    name: "nats",
    broken: ({ from, module }) =>
      module === "nats" && !from.test && !natsAreas.includes(from.package ?? "") && from.area !== "bench"
        ? "only shared/bus speaks NATS"
        : undefined,
  },
];

/** What of `imports` breaks a rule, an unknown file and a detour around a package's name included. */
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
