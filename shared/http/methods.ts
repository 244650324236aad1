import type { AnyElysia } from "elysia";
import { Elysia } from "elysia";
import { operationOf } from "./operation.ts";

/** The methods that a path takes, from Elysia's own router: none where there is no such path. */
export function methodsOf(app: AnyElysia, path: string): ReadonlySet<string> {
  const all = new Set(app.routes.map(({ method }) => method));
  const fixed = fixedRoutes(app, path);
  const found = fixed ? Object.keys(fixed) : [...all].filter((method) => app.router.http.find(method, path) !== null);
  // A socket begins as a GET.
  const methods = new Set(found.map((method) => (method === "WS" ? "GET" : method)));
  if (methods.has("GET")) methods.add("HEAD");
  return methods;
}

/** The routes of a path without parameters, by method; with a trailing slash it is the same path. */
export function fixedRoutes({ router }: AnyElysia, path: string): Readonly<Record<string, number>> | undefined {
  return router.static[path] ?? (path.endsWith("/") ? router.static[path.slice(0, -1)] : undefined);
}

/** The `Allow` header: `DELETE, GET, HEAD, OPTIONS, PATCH`. */
export function allowOf(methods: ReadonlySet<string>): string {
  return [...new Set(["OPTIONS", ...methods])].sort().join(", ");
}

/**
 * Routes that answer PUT where the controllers answer PATCH alone: for clients that only know PUT it means the same.
 * Handler, operation and everything else is the PATCH's own. In the document it is deprecated, with an id of its own:
 * `tasks.updatePut`. A PATCH that itself only doubles another method of its path gets no PUT.
 */
export function putAsPatch(controllers: readonly AnyElysia[]): AnyElysia {
  const routes = controllers.flatMap((controller) => controller.routes);
  const taken = new Set(routes.filter(({ method }) => method === "PUT").map(({ path }) => path));
  const isDouble = (path: string, id: string | undefined) =>
    id !== undefined && routes.some((route) => route.path === path && operationOf(route.hooks)?.id === id);
  const twins = new Elysia({ normalize: false });
  for (const { method, path, handler, hooks } of routes) {
    if (method !== "PATCH" || taken.has(path)) continue;
    const patch = operationOf(hooks);
    if (isDouble(path, patch?.deprecated)) continue;
    const declared = patch && { ...patch, id: `${patch.id}Put`, deprecated: patch.deprecated ?? patch.id };
    twins.route("PUT", path, handler, { ...hooks, declared });
  }
  return twins;
}
