import type { AnyElysia } from "elysia";
import { Elysia } from "elysia";

/** The methods that a path takes, from Elysia's own router: none where there is no such path. */
export function methodsOf({ router, routes }: AnyElysia, path: string): ReadonlySet<string> {
  const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  const fixed = router.static[trimmed] ?? {};
  const all = new Set(routes.map(({ method }) => method));
  const found = [...all].filter((method) => method in fixed || router.http.find(method, path) !== null);
  // A socket begins as a GET.
  const methods = new Set(found.map((method) => (method === "WS" ? "GET" : method)));
  if (methods.has("GET")) methods.add("HEAD");
  return methods;
}

/** The `Allow` header: `DELETE, GET, HEAD, OPTIONS, PATCH`. */
export function allowOf(methods: ReadonlySet<string>): string {
  return [...new Set(["OPTIONS", ...methods])].sort().join(", ");
}

/**
 * Routes that answer PUT where the controllers answer PATCH alone: for clients that only know PUT it means the same
 * (api.md, section 1). Handler, operation and everything else is the PATCH's own.
 */
export function putAsPatch(controllers: readonly AnyElysia[]): AnyElysia {
  const routes = controllers.flatMap((controller) => controller.routes);
  const taken = new Set(routes.filter(({ method }) => method === "PUT").map(({ path }) => path));
  const twins = new Elysia({ normalize: false });
  for (const { method, path, handler, hooks } of routes)
    if (method === "PATCH" && !taken.has(path)) twins.route("PUT", path, handler, hooks);
  return twins;
}
