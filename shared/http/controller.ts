import type { Actor, Principal } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { Elysia, NotFoundError } from "elysia";
import { authenticate, authorize } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { HttpDeps } from "./deps.ts";
import type { IdempotentRequest } from "./idempotent.ts";
import { type OperationSpec, statusOf } from "./operation.ts";
import { queryReader } from "./query.ts";
import { causeOf, type RequestState } from "./request-state.ts";
import { idAsStored } from "./schemas/index.ts";
import { type Validator, validatorOf } from "./validator.ts";

/** What every handler finds in its context, besides `body`, `query`, `params` and `set`. */
export type RequestContext = {
  /** The user. Reading it throws 401 on routes open to anyone when the request has no good token. */
  readonly actor: Actor;
  /** What caused the changes of this request; for anonymous requests too. */
  readonly cause: Cause;
  /** The user; null without a good token. */
  readonly principal: Principal | null;
  /** Whether the request came by a path of older clients. */
  readonly older: boolean;
  /**
   * What `idempotent` takes. A handler that passed its whole context on would make Elysia prepare everything that a context may
   * have: headers as a record, cookies, the query once more.
   */
  readonly asked: IdempotentRequest;
};

/**
 * The macro `operation`: authenticates, authorizes, parses and validates a request before its handler runs, in
 * this order: limits, token, media type, JSON, fields. Elysia has found path and method by then; 404 and 405 are the
 * service's.
 */
export const operations = new Elysia({ name: "@stoa/http/operations" })
  .decorate("state", null as RequestState | null)
  .macro("operation", (spec: OperationSpec) => {
    const body = spec.body && validatorOf(spec.body, spec);
    const params = spec.params && validatorOf(spec.params, spec);
    const queryOf = queryReader(spec.query);
    const status = statusOf(spec);
    return {
      // By which Elysia knows it again. Without this it would write out the whole specification with its schemas.
      seed: spec.id,
      // Destructured: Elysia reads this function's source to see which parts of a request it must prepare.
      resolve: async ({ state, request, path, params: given, set }): Promise<Resolved> => {
        if (!state) throw new Error("A controller's routes work only inside createService.");
        // Where `/users/bulk` takes no GET, Elysia goes on to `/users/:id`.
        if (given && state.isFixed(path)) throw new NotFoundError();
        state.operation = spec;
        await authenticate(state, spec);
        authorize(state.principal, spec);
        const reads = request.method !== "GET";
        const parsed = reads ? await readBody(request, spec, body, state) : undefined;
        const query = queryOf(searchOf(request.url), state.older);
        if (given) requireIds(given, params);
        if (status !== 200) set.status = status;
        const cause = causeOf(state);
        const { principal, older } = state;
        const asked = { principal, request, body: parsed, set };
        const actor = principal ? { ...principal, cause } : nobody;
        return { principal, cause, actor, older, asked, body: parsed, query };
      },
    };
  });

/** Elysia merges this into the handler's context: `body` and `query` as they were validated. */
type Resolved = RequestContext & { readonly body: unknown; readonly query: Record<string, unknown> };

/**
 * An Elysia instance for the routes of one resource: one instance, one controller.
 *
 * @param prefix begins the path of each route
 * @example
 * export const taskRoutes = (deps: ProjectsDeps) => controller(deps.http, "/api/v1/tasks").get("/:id",
 *   ({ actor, params }) => readTask(deps.db, actor, params.id),
 *   operation({ id: "tasks.get", access: "user", summary: "Fetch a task", params: TaskParams, answer: Task }));
 */
export function controller<const Prefix extends string = "">(http: Pick<HttpDeps, "adapter">, prefix?: Prefix) {
  return new Elysia({
    normalize: false,
    prefix: (prefix ?? "") as Prefix,
    ...(http.adapter && { adapter: http.adapter }),
  }).use(operations);
}

/** The query of a URL, without its question mark. */
function searchOf(url: string): string {
  const start = url.indexOf("?");
  if (start === -1) return "";
  const hash = url.indexOf("#", start);
  return url.slice(start + 1, hash === -1 ? undefined : hash);
}

/** A malformed id in a path is an unknown id; one in upper case is the same in lower case. @throws StoaError `not_found` */
function requireIds(params: Record<string, string>, validator: Validator | undefined): void {
  const texts = Object.values(params).every((value) => !value.includes("\0") && value.isWellFormed());
  if (!texts || (validator && validator.validate(params).length > 0)) throw new StoaError("not_found");
  for (const [name, value] of Object.entries(params)) params[name] = idAsStored(value);
}

/** The actor of an anonymous request: reading anything of it throws `unauthorized`. */
const nobody: Actor = new Proxy<Actor>({} as Actor, {
  get() {
    throw new StoaError("unauthorized");
  },
});
