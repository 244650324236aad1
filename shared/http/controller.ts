import type { Actor, Principal } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { Elysia } from "elysia";
import { causeOf } from "./cause.ts";
import type { HttpDeps } from "./deps.ts";
import { type Exchange, exchanges } from "./exchange.ts";
import { statusOf } from "./operation.ts";

/** What every handler finds in its context, besides `body`, `query`, `params` and `set`. */
export type RequestContext = {
  /** Who asks. Reading it throws 401 on routes open to anyone when nobody said who they are. */
  readonly actor: Actor;
  /** What caused the changes of this request; for anonymous requests too. */
  readonly cause: Cause;
  /** Who asks; null when nobody said. */
  readonly principal: Principal | null;
};

/**
 * An Elysia instance for the routes of one resource: one instance, one controller.
 *
 * @example
 * export const taskRoutes = (deps: Deps) => controller(deps.http).get("/api/v1/tasks", …, operation({ … }));
 */
export function controller(http: Pick<HttpDeps, "adapter">) {
  return new Elysia({ normalize: false, ...(http.adapter && { adapter: http.adapter }) }).derive(
    // Destructured: Elysia reads this function's source to see which parts of a request it must prepare.
    ({ request, set }): RequestContext => {
      const exchange = exchanges.get(request);
      if (!exchange) throw new Error("A controller's routes work only inside createService.");
      const operation = exchange.route?.operation;
      if (operation) {
        const status = statusOf(operation);
        if (status !== 200) set.status = status;
      }
      return handed(exchange);
    },
  );
}

/** Elysia copies these members into the handler's context: `body` and `query` as the front door judged them. */
function handed(exchange: Exchange): RequestContext {
  const { principal, body, query } = exchange;
  const cause = causeOf(exchange);
  if (principal) {
    const known: RequestContext & Judged = { principal, cause, actor: { ...principal, cause }, body, query };
    return known;
  }
  const unknown: Omit<RequestContext, "actor"> & Judged & { actor: Actor } = {
    principal,
    cause,
    body,
    query,
    actor: nobody,
  };
  return unknown;
}

interface Judged {
  readonly body: unknown;
  readonly query: Record<string, unknown> | undefined;
}

/** Stands where an actor would: whoever reads anything of it is told to log in. */
const nobody: Actor = new Proxy<Actor>({} as Actor, {
  get() {
    throw new StoaError("unauthorized");
  },
});
