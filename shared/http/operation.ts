import type { TObject, TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "@stoa/errors";

/** The named limits an operation may add to those of every request. */
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
  /**
   * Its name in clients that are generated from the document: nouns first, the verb last, with dots between them
   * (`tasks.create`). It is part of the contract and never changes.
   */
  readonly id: `${string}.${string}`;
  readonly access: Access;
  /** A role that a user needs; superusers need none. */
  readonly role?: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** The operation is kept for older clients: the id of the one to call instead. */
  readonly deprecated?: OperationSpec["id"];
  /** Parameters in the path. One that does not fit is an unknown id: 404. */
  readonly params?: P;
  /** Query parameters; any other is refused. */
  readonly query?: Q;
  /** The body; unknown fields are refused at every depth. Without it every field is unknown. */
  readonly body?: B;
  /** The status of success: 200, or 204 when `answer` is null. Handlers may set 200, 201 or 202 by `set.status`. */
  readonly status?: number;
  /** Another status with the same body: 200 where a create may find what was there before, 503 of a health check. */
  readonly otherStatus?: number;
  /** The body of success; null: none (204). Absent: not checked (streams, files). */
  readonly answer?: A;
  /** The schema of a success's body that is not checked (a stream, a file): for the documentation alone. */
  readonly documented?: TSchema;
  /** The error codes beyond those of every operation. */
  readonly errors?: readonly ErrorCode[];
  /** Members that the problem document of a code has besides those of every problem, by code. */
  readonly problems?: { readonly [C in ErrorCode]?: TObject };
  /** What `version_conflict` carries in its member `current`, where that is not the answer. */
  readonly resource?: TObject;
  /** Request headers that the handler reads itself, by name, with a sentence on each: for the documentation. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a ticket in the query parameter `ticket` stands in for the access token; the handler then checks both. */
  readonly ticket?: boolean;
  /** An example for the documentation. */
  readonly example?: { readonly body?: unknown; readonly answer?: unknown };
  /** The largest body in bytes; when absent 1 MiB, or 16 KiB where anyone may call it. */
  readonly maxBytes?: number;
  /** The body's media type where it is not JSON, `application/x-ndjson`: the body is then text, not parsed. */
  readonly mediaType?: string;
  /**
   * The body may come as `application/x-www-form-urlencoded` too, each field once; with it these fields, which are checked and
   * dropped. For what forms send by themselves: `grant_type` of a login.
   */
  readonly form?: TObject;
  /** The media type of an answer that no schema describes, where it is not JSON: `text/event-stream`. */
  readonly produces?: string;
  /** Media types in which the answer comes too when it is asked for in them, each with an example: `text/csv`. */
  readonly alsoProduces?: Readonly<Record<string, string>>;
  /** A limit of its own, besides those of every request. `none`: no limit at all. */
  readonly limit?: NamedLimit | "none";
  /** The answer carries a token: never cached. */
  readonly secret?: boolean;
  /** Older clients may send no body at all; the handler then finds undefined. */
  readonly olderWithoutBody?: boolean;
  /** Fields that are dropped from the body unread, besides `version` and the times of the answer. */
  readonly ignored?: readonly string[];
}

type Part<K extends string, S> = S extends TSchema ? { readonly [P in K]: S } : unknown;

/** What Elysia is given: the macro `operation`, and types for the handler and its answer. */
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
 * their types), parses nothing and checks nothing twice. Answers are checked outside of production (`AnswerChecks`).
 *
 * @example
 * controller(deps.http).get("/api/v1/tasks/:id", ({ actor, params }) => readTask(deps.db, actor, params.id), operation({
 *   id: "tasks.get", access: "user", summary: "Fetch a task", params: TaskParams, answer: Task, errors: ["forbidden"],
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
