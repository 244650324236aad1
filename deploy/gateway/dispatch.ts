import { type ServiceName, services } from "@stoa/events";
import { olderHeader } from "@stoa/http/older";
import { api, isUnder, older, passedOn, resources, unversioned } from "./routes.ts";

/** What answers a request: a service, or the gateway itself (its pages, the health of all services, 404 otherwise). */
export interface Dispatched {
  readonly to: ServiceName | "gateway";
  /** The request to forward: the same one, or one with today's path. */
  readonly request: Request;
}

/**
 * Finds what answers a request, by its path alone. A path of older clients is rewritten, never redirected, and the body
 * is not read. The common case, a path under `/api/v1`, costs one lookup in a table.
 *
 * @example
 * const { to, request: inner } = dispatch(request);
 * return apps[to].fetch(inner); // the address of the client: server.requestIP(originalOf(inner))
 */
export function dispatch(request: Request): Dispatched {
  const { url } = request;
  // Without a Host header (HTTP/1.0), Bun's `url` is the path alone.
  if (url.startsWith("/")) return dispatch(remember(new Request(`http://localhost${url}`, request), request));
  // The search begins right after "://", because a Host header may be as short as one letter.
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = endOfPath(url, start);
  const path = url.slice(start, end);
  const today = versioned(path) ?? elsewhere(path);
  if (today.path === undefined) return { to: today.to, request };
  const rewritten = new Request(url.slice(0, start) + today.path + url.slice(end), request);
  if (today.older) rewritten.headers.set(olderHeader, "1");
  return { to: today.to, request: remember(rewritten, request) };
}

/**
 * The request as the server received it, which Bun's `server.requestIP`, `server.timeout` and `server.upgrade` need. A
 * request that was not rewritten is returned itself.
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
  /** The new path, when it differs from the requested one. */
  readonly path?: string;
  /** Whether the requested path was one of older clients. */
  readonly older?: boolean;
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
  const knows = passedOn[path.endsWith("/") ? path.slice(0, -1) : path];
  if (knows) return { to: knows };
  for (const [from, to] of older) {
    if (!isUnder(path, from)) continue;
    const today = to + path.slice(from.length);
    return { ...(versioned(today) ?? elsewhere(today)), path: today, older: true };
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
