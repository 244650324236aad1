import { StoaError } from "@stoa/errors";
import { type AnyElysia, Elysia, NotFoundError } from "elysia";
import type { HTTPHeaders } from "elysia/types";
import { addressReader } from "./address.ts";
import { AnswerChecks } from "./answer-checks.ts";
import { operations } from "./controller.ts";
import { createCors } from "./cors.ts";
import type { HttpDeps } from "./deps.ts";
import { toStoaError } from "./failure.ts";
import { finisher } from "./finish.ts";
import { HeadAsGet, receivedOf, withoutBody } from "./head.ts";
import { securityHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { jsonAnswer } from "./json-answer.ts";
import { createLimits } from "./limits.ts";
import { allowOf, fixedRoutes, methodsOf, putAsPatch } from "./methods.ts";
import { type Envelope, enveloped, envelopeFinder, isOlder, Readdressed } from "./older.ts";
import { operationOf } from "./operation.ts";
import { problem } from "./problem.ts";
import { discardUnread, platformTimer, type Timer } from "./receive.ts";
import type { RequestState } from "./request-state.ts";
import { requestId, traceparent } from "./trace.ts";

/**
 * Assembles a service: its controllers, PUT wherever there is PATCH, health, problem+json for every failure, and one
 * log line a request. Serve it with `app.fetch` or test it with `app.handle(new Request("http://stoa.test/…"))`.
 *
 * @example
 * export const createApp = (deps: ProjectsDeps) => createService(deps.http, [taskRoutes(deps), projectRoutes(deps)]);
 */
export function createService(
  http: HttpDeps,
  controllers: readonly AnyElysia[],
  envelopes: readonly Envelope[] = [],
): AnyElysia {
  const limits = http.limits ?? createLimits(http.rate_limit_scale, () => http.now().getTime());
  const addressIn = addressReader(http.trusted_proxies);
  const standing = Object.fromEntries(securityHeaders(http));
  const asJson = jsonAnswer(standing);
  const cors = createCors(http.cors_origins);
  const finish = finisher(http);
  const timer = http.timer ?? platformTimer;

  const isFixed = (path: string) => fixedRoutes(app, path) !== undefined;
  const open = (request: Request): RequestState => {
    const { headers } = request;
    const address = () => addressIn(http.addressOf(receivedOf(request)), headers.get("x-forwarded-for"));
    return {
      verify: http.verify,
      limits,
      timer,
      isFixed,
      request,
      older: isOlder(request),
      request_id: requestId(headers.get("x-request-id")),
      traceparent: traceparent(headers.get("traceparent")),
      address: request.method === "GET" ? once(address) : always(address()),
      started: performance.now(),
      operation: undefined,
      principal: null,
      limit: undefined,
      failure: undefined,
    };
  };
  const fail = (state: RequestState, thrown: unknown, route: string | undefined): Response => {
    const failure = toStoaError(thrown);
    state.failure = failure;
    const headers = { ...standing };
    finish(state, headers, failure.status, route);
    return problem(failure, new URL(state.request.url).pathname, state.request_id, headers);
  };

  const app = new Elysia({
    normalize: false,
    // Routes are compiled when they are first asked for. Workers cannot make code then.
    precompile: http.adapter !== undefined,
    // Where Elysia begins to look for the path in a URL: at the 12th character, which a short Host header shifts, or
    // at the 8th, which is one of `https://`. Bun serves http; Workers have https, and real host names.
    handler: { standardHostname: http.adapter !== undefined },
    ...(http.adapter && { adapter: http.adapter }),
  });
  let answering: Answering | undefined;
  let checks: AnswerChecks | undefined;
  app
    .use(operations)
    // Elysia calls this for every request, always with the same `next`.
    .wrap((next: Answering) => {
      answering ??= answerer(next, timer, envelopeFinder(envelopes), (request, thrown) =>
        fail(open(request), thrown, undefined),
      );
      return answering;
    })
    .onRequest((context) => {
      context.state = open(context.request);
      requireEncodedPath(context.request.url);
    })
    .mapResponse(({ state, request, set, route, responseValue: value }) => {
      // A failure was finished by `onError`.
      if (!state || state.failure) return;
      const own = value instanceof Response ? value.status : 200;
      const upgraded = value === undefined && request.headers.get("upgrade") === "websocket";
      const status = upgraded ? 101 : own === 200 ? Number(set.status) : own;
      checks?.require(state.operation, status, value);
      finish(state, set.headers, status, route);
      const json = hasCookies(set.cookie) ? undefined : asJson(value, status, set.headers);
      if (json) {
        // Elysia lets a response be where nothing else is set.
        set.headers = {};
        set.status = 200;
        return json;
      }
      for (const [name, value] of Object.entries(standing)) set.headers[name] ??= value;
      if (value instanceof Response && set.status === 200 && complete(value, set.headers)) set.headers = {};
      return undefined;
    })
    .onError(({ state, request, error, path, route, set }) => {
      if (!state) throw error;
      // What a handler had set before it failed (ETag, Location) does not belong to the failure.
      set.headers = {};
      const methods = error instanceof NotFoundError ? methodsOf(app, path) : new Set<string>();
      if (methods.size === 0 || methods.has(request.method)) return fail(state, error, route);
      const allow = allowOf(methods);
      if (request.method !== "OPTIONS")
        return fail(state, new StoaError("method_not_allowed", { headers: { allow } }), undefined);
      set.headers = { ...standing };
      finish(state, set.headers, 204, undefined);
      return cors.preflight(request, allow);
    });
  for (const part of [healthRoutes(http), ...controllers, putAsPatch(controllers), ...(http.plugins ?? [])])
    app.use(part);
  if (http.environment !== "production")
    checks = new AnswerChecks(app.routes.flatMap(({ hooks }) => operationOf(hooks) ?? []));
  return app.compile();
}

/** Elysia adds them to the headers itself. */
function hasCookies(cookies: object | undefined): boolean {
  return cookies !== undefined && Object.keys(cookies).length > 0;
}

/** The address of a reader is looked up only where it is needed. */
function once(read: () => string | undefined): () => string | undefined {
  let known: { readonly address: string | undefined } | undefined;
  return () => {
    known ??= { address: read() };
    return known.address;
  };
}

/** The address of whoever changes something is looked up at once: when they have left, Bun does not know it any more. */
function always(address: string | undefined): () => string | undefined {
  return () => address;
}

/**
 * Puts headers on a response that a handler made, whose own stand: Elysia would copy it, and lose the length of its body.
 *
 * @returns false where its headers are immutable (redirects and fetched answers on Workers): then Elysia copies it
 */
function complete({ headers }: Response, more: HTTPHeaders): boolean {
  try {
    for (const [name, value] of Object.entries(more)) {
      if (name === "vary") headers.append(name, String(value));
      else if (!headers.has(name)) headers.set(name, String(value));
    }
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Elysia's own answering of a request; its type says less than it does. */
type Answering = (request: Request) => unknown;

/**
 * Answers HEAD by way of GET, and what Elysia cannot handle: `throw null`. What a refused request still sends is read
 * before the answer where it would keep the client from reading it.
 */
function answerer(
  next: Answering,
  timer: Timer,
  envelopeOf: (request: Request) => Envelope | undefined,
  fail: (request: Request, thrown: unknown) => Response,
): Answering {
  return async (received) => {
    const envelope = envelopeOf(received);
    const addressed = envelope ? new Readdressed(received, envelope.to) : received;
    const request = received.method === "HEAD" ? new HeadAsGet(addressed) : addressed;
    let answer: unknown;
    try {
      answer = await next(request);
    } catch (thrown) {
      answer = fail(request, thrown);
    }
    if (!(answer instanceof Response)) return answer;
    if (answer.status >= 400) await discardUnread(request, timer);
    const whole = envelope ? await enveloped(answer, envelope) : answer;
    return request === addressed ? whole : withoutBody(whole);
  };
}

/** @throws StoaError `not_found` unless every percent sign in the path begins an encoded UTF-8 character */
function requireEncodedPath(url: string): void {
  if (!url.includes("%")) return;
  try {
    decodeURIComponent(new URL(url).pathname);
  } catch (error) {
    throw error instanceof URIError ? new StoaError("not_found") : error;
  }
}
