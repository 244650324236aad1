import type { AnyElysia } from "elysia";
import { Memoirist } from "memoirist";
import { type FieldJudge, judgeOf } from "./fields.ts";
import { type OperationSpec, operationOf } from "./operation.ts";
import { type QueryReader, queryReader } from "./query.ts";

/** One method of one path, with everything compiled that judging a request to it takes. */
export interface Route {
  readonly method: string;
  /** As declared: `/api/v1/tasks/:id`. */
  readonly pattern: string;
  /** Undefined for routes of plugins, which are open to anyone and judged by path and method alone. */
  readonly operation: OperationSpec | undefined;
  readonly body: FieldJudge | undefined;
  readonly query: QueryReader | undefined;
  readonly params: FieldJudge | undefined;
  /** The names of the path's parameters, in order. */
  readonly names: readonly string[];
}

/** The methods of one path. */
export interface PathEntry {
  readonly routes: ReadonlyMap<string, Route>;
  /** The `Allow` header: `DELETE, GET, HEAD, OPTIONS, PATCH`. */
  readonly allow: string;
}

/** A path that exists, and the raw values of its parameters, in order. */
export interface Found {
  readonly entry: PathEntry;
  readonly values: readonly string[];
}

/** The front door's own table of an app's routes: Elysia's router cannot say which methods a path takes. */
export interface RouteTable {
  find(path: string): Found | undefined;
}

/** Builds the table. Compiles every schema, so on Workers it must run at module scope. */
export function routeTable(routes: AnyElysia["routes"]): RouteTable {
  const paths = new Map<string, Map<string, Route>>();
  for (const { method, path, hooks } of routes) {
    const names: string[] = [];
    // Elysia lets methods of one path name their parameters differently, one tree for all methods does not.
    const shape = path.replaceAll(/:([^/]+)/g, (_, name: string) => `:p${names.push(name) - 1}`);
    if (shape.endsWith("*")) names.push("*");
    const operation = operationOf(hooks);
    const methods = paths.get(shape) ?? new Map<string, Route>();
    paths.set(shape, methods);
    methods.set(method === "WS" ? "GET" : method, {
      method,
      pattern: path,
      operation,
      body: operation?.body && judgeOf(operation.body, operation),
      query: operation && queryReader(operation.query),
      params: operation?.params && judgeOf(operation.params, operation),
      names,
    });
  }
  const fixed = new Map<string, PathEntry>();
  const tree = new Memoirist<PathEntry>();
  for (const [shape, methods] of paths) {
    const entry = { routes: methods, allow: allowOf(methods) };
    if (shape.includes(":") || shape.includes("*")) tree.add("ANY", shape, entry);
    else fixed.set(trimmed(shape), entry);
  }
  return { find: (path) => find(fixed, tree, trimmed(path)) };
}

function find(fixed: Map<string, PathEntry>, tree: Memoirist<PathEntry>, path: string): Found | undefined {
  const entry = fixed.get(path);
  if (entry) return { entry, values: [] };
  const found = tree.find("ANY", path);
  return found ? { entry: found.store, values: Object.values(found.params) } : undefined;
}

/** A trailing slash is the same path. */
function trimmed(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function allowOf(methods: ReadonlyMap<string, Route>): string {
  const all = new Set(["OPTIONS", ...methods.keys()]);
  if (all.has("GET")) all.add("HEAD");
  return [...all].sort().join(", ");
}
