import { type AnyElysia, Elysia } from "elysia";
import { addressReader } from "./address.ts";
import { createCors } from "./cors.ts";
import type { HttpDeps } from "./deps.ts";
import { type Exchange, exchanges } from "./exchange.ts";
import { toStoaError } from "./failure.ts";
import { finisher } from "./finish.ts";
import { type DoorDeps, judge } from "./front-door.ts";
import { healthRoutes } from "./health.ts";
import { createLimits } from "./limits.ts";
import { problem } from "./problem.ts";
import { type RouteTable, routeTable } from "./route-table.ts";
import { requestId, traceparent } from "./trace.ts";

/**
 * Assembles a service: the front door, its controllers, health, problem+json for every failure, and one log line a
 * request. Serve it with `app.fetch` or test it with `app.handle(new Request("http://stoa.test/…"))`.
 *
 * @example
 * export const createApp = (deps: Deps) => createService(deps.http, [taskRoutes(deps), projectRoutes(deps)]);
 */
export function createService(http: HttpDeps, controllers: readonly AnyElysia[]): AnyElysia {
  const app = new Elysia({
    normalize: false,
    precompile: true,
    // Without it Elysia takes a path to begin at its 12th character, which a short Host header shifts.
    handler: { standardHostname: false },
    ...(http.adapter && { adapter: http.adapter }),
  });
  const finish = finisher(http);
  const fail = (exchange: Exchange, thrown: unknown): Response => {
    const error = toStoaError(thrown);
    exchange.error_code = error.code;
    if (error.status >= 500) exchange.failure = error.cause ?? error;
    return problem(exchange, error);
  };
  const addressIn = addressReader(http.trusted_proxies);
  const open = (received: Request, request: Request, path: string): Exchange => ({
    request,
    path,
    request_id: requestId(request.headers.get("x-request-id")),
    traceparent: traceparent(request.headers.get("traceparent")),
    address: addressIn(http.addressOf(received), request.headers.get("x-forwarded-for")),
    started: performance.now(),
    route: undefined,
    principal: null,
    cause: undefined,
    body: undefined,
    query: undefined,
    limit: undefined,
    error_code: undefined,
    failure: undefined,
  });
  let table: RouteTable | undefined;
  let routes = 0;
  const door: DoorDeps = {
    verify: http.verify,
    limits: http.limits ?? createLimits(http.rate_limit_scale, () => http.now().getTime()),
    cors: createCors(http.cors_origins),
    table: () => {
      // Plugins may add routes after this; their pages are open to anyone and have nothing to compile.
      if (!table || routes !== app.router.history.length) {
        routes = app.router.history.length;
        table = routeTable(app.routes);
      }
      return table;
    },
  };

  const enter =
    (next: Next) =>
    async (received: Request, ...rest: unknown[]) => {
      // Elysia answers HEAD only where a route is found in its own way: a HEAD is a GET whose body is not sent.
      const request = received.method === "HEAD" ? new Request(received, { method: "GET" }) : received;
      const { path, search } = split(request.url);
      const exchange = open(received, request, path);
      exchanges.set(request, exchange);
      let answer: unknown;
      try {
        answer = (await judge(door, exchange, search)) ?? (await next(request, ...rest));
      } catch (thrown) {
        answer = fail(exchange, thrown);
      }
      return finish(exchange, received, answer);
    };
  let entrance: ReturnType<typeof enter> | undefined;
  // Elysia calls this for every request, always with the same `next`.
  app.wrap((next) => {
    entrance ??= enter(next);
    return entrance;
  });
  app.onError({ as: "global" }, ({ request, error, set }) => {
    const exchange = exchanges.get(request);
    if (!exchange) return;
    // What a handler had set before it failed (ETag, Location) does not belong to the failure.
    set.headers = {};
    return fail(exchange, error);
  });
  for (const part of [healthRoutes(http), ...controllers, ...(http.plugins ?? [])]) app.use(part);
  app.compile();
  door.table();
  return app;
}

/** Elysia's own handling of a request; its type says less than it does. */
type Next = (request: Request, ...rest: unknown[]) => unknown;

function split(url: string): { path: string; search: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const hash = url.indexOf("#", start);
  const end = hash === -1 ? url.length : hash;
  const mark = url.indexOf("?", start);
  if (mark === -1 || mark > end) return { path: url.slice(start, end), search: "" };
  return { path: url.slice(start, mark), search: url.slice(mark + 1, end) };
}
