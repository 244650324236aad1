import type { ServiceName } from "@stoa/events";
import type { ServiceRoute } from "./operations.ts";

/** One path of a service and its methods. */
export interface KnownPath {
  readonly service: ServiceName;
  /** The path with values for its parameters. */
  readonly path: string;
  readonly methods: readonly string[];
  /** The expected `Allow` header. */
  readonly allow: string;
}

/** Every path of the services, once. */
export function pathsOf(routes: readonly ServiceRoute[]): KnownPath[] {
  const found = new Map<string, { service: ServiceName; path: string; methods: Set<string> }>();
  for (const { service, method, path } of routes) {
    const filled = path.replaceAll(/:\w+/g, "01a0a0a0-7000-7000-8000-000000000001");
    const known = found.get(`${service} ${filled}`) ?? { service, path: filled, methods: new Set() };
    found.set(`${service} ${filled}`, known);
    known.methods.add(method);
  }
  return [...found.values()].map(({ service, path, methods }) => {
    const all = new Set([...methods, "OPTIONS", ...(methods.has("GET") ? ["HEAD"] : [])]);
    return { service, path, methods: [...all], allow: [...all].sort().join(", ") };
  });
}

/** Paths that are similar to an existing one and do not exist: below it, in other case, or with additions. */
export function besides({ service, path }: KnownPath, routes: readonly ServiceRoute[]): string[] {
  const patterns = routes.flatMap((route) => (route.service === service ? [patternOf(route.path)] : []));
  const beside = [
    `${path}/no-such-thing`,
    `${path}//`,
    `/${path}`,
    `${path}%00`,
    `${path}%ff`,
    `${path}%zz`,
    `${path};a=1`,
    path.toUpperCase(),
    `/v2${path}`,
  ];
  // A parameter matches any word, which is then validated as an id, so such paths exist.
  return beside.filter((path) => !patterns.some((pattern) => pattern.test(path)));
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(".", "\\.").replaceAll(/:\w+/g, "(?!%(?:ff|zz))[^/]+?");
  return new RegExp(`^${escaped}$`);
}
