import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "@stoa/errors";
import { answerSchema } from "./strict.ts";

/** The named limits an operation may add to those of every request (api.md, section 1). */
export type NamedLimit = "registration" | "mail" | "login" | "send";

/** Who may call an operation; what depends on the resource is the use case's own. */
export type Access = "anyone" | "user" | "superuser";

/** Everything that is known of an operation before it runs: requests are validated by it, the docs show it. */
export interface OperationSpec<
  B extends TSchema | undefined = TSchema | undefined,
  Q extends TSchema | undefined = TSchema | undefined,
  P extends TSchema | undefined = TSchema | undefined,
  A extends TSchema | null | undefined = TSchema | null | undefined,
> {
  readonly access: Access;
  /** A role that a user needs; superusers need none. */
  readonly role?: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Parameters in the path. One that does not fit is an unknown id: 404. */
  readonly params?: P;
  /** Query parameters; any other is refused. */
  readonly query?: Q;
  /** The body; unknown fields are refused at every depth. Without it a body is not read. */
  readonly body?: B;
  /** The status of success: 200, or 204 when `answer` is null. Handlers may set 200, 201 or 202 by `set.status`. */
  readonly status?: number;
  /** The body of success; null: none (204). Absent: not checked (streams, files). */
  readonly answer?: A;
  /** The error codes beyond those of every operation. */
  readonly errors?: readonly ErrorCode[];
  /** An example for the documentation. */
  readonly example?: { readonly body?: unknown; readonly answer?: unknown };
  /** The largest body in bytes; when absent 1 MiB, or 16 KiB where anyone may call it. */
  readonly maxBytes?: number;
  /** The body's media type where it is not JSON, `application/x-ndjson`: the body is then text, not parsed. */
  readonly mediaType?: string;
  /** The media type of an answer that no schema describes, where it is not JSON: `text/event-stream`. */
  readonly produces?: string;
  /** A limit of its own, besides those of every request. `none`: no limit at all. */
  readonly limit?: NamedLimit | "none";
  /** The answer carries a token: never cached. */
  readonly secret?: boolean;
  /** The method that an operation repeats: set for the PUT that every PATCH has, nowhere else. */
  readonly sameAs?: "PATCH";
  /** Fields that are dropped from the body unread, besides `version` and the times of the answer. */
  readonly ignored?: readonly string[];
}

type Part<K extends string, S> = S extends TSchema ? { readonly [P in K]: S } : unknown;

/** What Elysia is given: the macro `operation`, types for the handler, and the answer's schema. */
export type OperationHook<
  B extends TSchema | undefined,
  Q extends TSchema | undefined,
  P extends TSchema | undefined,
  A extends TSchema | null | undefined,
> = Part<"body", B> &
  Part<"query", Q> &
  Part<"params", P> &
  Part<"response", A> & { readonly operation: OperationSpec };

/**
 * Declares an operation: the third argument of a route.
 *
 * The macro `operation` validates body, query and path parameters, so at run time Elysia gets no schema for them (only
 * their types), parses nothing and checks nothing twice; answers are checked by Elysia.
 *
 * @example
 * controller(deps.http).post("/api/v1/tasks", ({ actor, body }) => createTask(deps, actor, body), operation({
 *   access: "user", summary: "Create a task", body: NewTask, status: 201, answer: Task,
 * }));
 */
export function operation<
  const B extends TSchema | undefined = undefined,
  const Q extends TSchema | undefined = undefined,
  const P extends TSchema | undefined = undefined,
  const A extends TSchema | null | undefined = undefined,
>(spec: OperationSpec<B, Q, P, A>): OperationHook<B, Q, P, A> {
  const hook = {
    operation: spec,
    // Elysia takes a macro's own name off the route; this stays, for the docs and the tests.
    declared: spec,
    parse: "none",
    ...(spec.answer && { response: responses(answerSchema(spec.answer)) }),
  };
  return hook as object as OperationHook<B, Q, P, A>;
}

/** The operation a route declares; undefined for routes of plugins. */
export function operationOf(hooks: unknown): OperationSpec | undefined {
  if (typeof hooks !== "object" || hooks === null || !("declared" in hooks)) return undefined;
  return hooks.declared as OperationSpec | undefined;
}

/** The status of an operation's success. */
export function statusOf(spec: OperationSpec): number {
  return spec.status ?? (spec.answer === null ? 204 : 200);
}

function responses(answer: TSchema): Record<number, TSchema> {
  return { 200: answer, 201: answer, 202: answer };
}
