import { type ServiceName, services } from "@stoa/events";
import { api, isUnder, older, resources, unversioned } from "./routes.ts";

/** Who answers a request: a service, or the gateway itself (its pages, health of all, 404 for the rest). */
export interface Dispatched {
  readonly to: ServiceName | "gateway";
  /** The request to hand on: the same one, or one whose path is today's. */
  readonly request: Request;
}

/**
 * Finds who answers a request, by its path alone. A path of older clients is rewritten, never redirected; the body is
 * not touched. The common case, a path under `/api/v1`, costs one look into a table.
 *
 * @example
 * const { to, request: inner } = dispatch(request);
 * return apps[to].fetch(inner); // the address of the client: server.requestIP(originalOf(inner))
 */
export function dispatch(request: Request): Dispatched {
  const { url } = request;
  // Without a Host header (HTTP/1.0) Bun's address is the path alone.
  if (url.startsWith("/")) return dispatch(remember(new Request(`http://localhost${url}`, request), request));
  // Not where a path usually begins: a Host header may be as short as one letter.
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = endOfPath(url, start);
  const path = url.slice(start, end);
  const today = versioned(path) ?? elsewhere(path);
  if (today.path === undefined) return { to: today.to, request };
  const rewritten = new Request(url.slice(0, start) + today.path + url.slice(end), request);
  return { to: today.to, request: remember(rewritten, request) };
}

/**
 * The request as the server received it: what `server.requestIP`, `server.timeout` and `server.upgrade` of Bun take.
 * For any request that was not rewritten, itself.
 */
export function originalOf(request: Request): Request {
  return originals.get(request) ?? request;
}

const originals = new WeakMap<Request, Request>();

function remember(copy: Request, request: Request): Request {
  originals.set(copy, originalOf(request));
  return copy;
}

interface Answerer {
  readonly to: Dispatched["to"];
  /** When it is not the path that was asked for. */
  readonly path?: string;
}

const byResource = new Map<string, Answerer>(
  services.flatMap((to) => resources[to].map((resource): [string, Answerer] => [resource, { to }])),
);

function versioned(path: string): Answerer | undefined {
  if (!path.startsWith(`${api}/`)) return undefined;
  const end = path.indexOf("/", api.length + 1);
  return byResource.get(path.slice(api.length + 1, end === -1 ? path.length : end));
}

function elsewhere(path: string): Answerer {
  for (const [from, to] of older) {
    if (!isUnder(path, from)) continue;
    const today = to + path.slice(from.length);
    return { ...(versioned(today) ?? elsewhere(today)), path: today };
  }
  for (const [prefix, to] of Object.entries(unversioned)) if (isUnder(path, prefix)) return { to };
  for (const to of services) {
    const prefix = `/health/${to}`;
    if (isUnder(path, prefix)) return { to, path: `/health${path.slice(prefix.length)}` };
  }
  return { to: "gateway" };
}

function endOfPath(url: string, start: number): number {
  const query = url.indexOf("?", start);
  const hash = url.indexOf("#", start);
  if (query === -1) return hash === -1 ? url.length : hash;
  return hash === -1 ? query : Math.min(query, hash);
}
