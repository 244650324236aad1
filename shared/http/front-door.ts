import type { Principal } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import { limitKey } from "./address.ts";
import { judgeBody } from "./body.ts";
import type { Cors } from "./cors.ts";
import type { HttpDeps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import { countedBy, type LimitName, type Limits } from "./limits.ts";
import type { OperationSpec } from "./operation.ts";
import { emptyQuery } from "./query.ts";
import type { Found, Route, RouteTable } from "./route-table.ts";

/** What judging needs. */
export interface DoorDeps {
  readonly verify: HttpDeps["verify"];
  readonly table: () => RouteTable;
  readonly limits: Limits;
  readonly cors: Cors;
}

/**
 * Judges a request in the contract's order (api.md, section 1): path, method, limit of the address, token, limit of
 * the user, rights, size, media type, JSON, fields, ids in the path. Elysia alone would parse before it authenticates.
 *
 * @returns the answer where the front door is the one to give it (OPTIONS); undefined when the handler is.
 * @throws StoaError of the first that fails.
 */
export async function judge(door: DoorDeps, exchange: Exchange, search: string): Promise<Response | undefined> {
  const found = pathOf(door, exchange);
  const { request } = exchange;
  if (request.method === "OPTIONS" && !found.entry.routes.has("OPTIONS"))
    return door.cors.preflight(request, found.entry.allow);
  const route = methodOf(found, request.method);
  exchange.route = route;
  const { operation } = route;
  if (!operation) return undefined;
  await identify(door, exchange, operation);
  judgeRights(exchange.principal, operation);
  if (request.method !== "GET" && request.method !== "HEAD") await judgeBody(exchange, operation, route.body);
  exchange.query = route.query ? route.query(search) : emptyQuery;
  judgeIds(route, exchange.path.includes("%") ? found.values.map(decodeURIComponent) : found.values);
  return undefined;
}

function pathOf(door: DoorDeps, exchange: Exchange): Found {
  const found = isEncoded(exchange.path) ? door.table().find(exchange.path) : undefined;
  if (!found) throw new StoaError("not_found");
  return found;
}

/** Whether every percent sign in a path begins an encoded UTF-8 character. */
function isEncoded(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function methodOf({ entry }: Found, method: string): Route {
  const route =
    entry.routes.get(method) ?? (method === "HEAD" ? entry.routes.get("GET") : undefined) ?? entry.routes.get("ALL");
  if (!route) throw new StoaError("method_not_allowed", { headers: { allow: entry.allow } });
  return route;
}

/** Limit of the address, token, limit of the user. An address counts only what comes without a good token. */
async function identify(door: DoorDeps, exchange: Exchange, operation: OperationSpec): Promise<void> {
  const header = exchange.request.headers.get("authorization");
  const limited = operation.limit !== "none";
  let refused: StoaError | undefined;
  if (header !== null) {
    try {
      exchange.principal = await door.verify(tokenIn(header));
    } catch (error) {
      if (!(error instanceof StoaError)) throw error;
      refused = error;
    }
  } else if (operation.access !== "anyone") {
    refused = new StoaError("unauthorized");
  }
  if (limited && !exchange.principal) take(door, exchange, "address");
  const named = operation.limit === "none" ? undefined : operation.limit;
  if (named && countedBy(named) === "address") take(door, exchange, named);
  // On a route open to anyone an old token is as good as none: this is how it gets renewed.
  if (refused && operation.access !== "anyone") throw refused;
  if (!limited || !exchange.principal) return;
  take(door, exchange, "user");
  if (named && countedBy(named) === "user") take(door, exchange, named);
}

function take(door: DoorDeps, exchange: Exchange, name: LimitName): void {
  const byUser = name === "user" || name === "send";
  const key = byUser && exchange.principal ? exchange.principal.user_id : limitKey(exchange.address);
  const verdict = door.limits.take(name, key);
  if (!verdict) return;
  exchange.limit = verdict;
  if (!verdict.allowed)
    throw new StoaError("rate_limited", { headers: { "retry-after": String(verdict.retry_after) } });
}

/** The token of `Authorization: Bearer` (RFC 6750, section 2.1). */
function tokenIn(header: string): string {
  const [scheme, token, ...rest] = header.trim().split(/ +/);
  if (scheme?.toLowerCase() !== "bearer") throw new StoaError("unauthorized");
  if (token === undefined || rest.length > 0) throw new StoaError("invalid_token");
  return token;
}

function judgeRights(principal: Principal | null, { access, role }: OperationSpec): void {
  if (principal?.is_superuser) return;
  if (access === "superuser") throw new StoaError("forbidden");
  if (role !== undefined && !principal?.roles.includes(role)) throw new StoaError("forbidden");
}

/** A malformed id in a path is an unknown id. */
function judgeIds({ params, names }: Route, values: readonly string[]): void {
  for (const value of values) if (value.includes("\0") || !value.isWellFormed()) throw new StoaError("not_found");
  if (!params) return;
  const given = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  if (params.judge(given).length > 0) throw new StoaError("not_found");
}
