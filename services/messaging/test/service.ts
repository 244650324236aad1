import { createVerifier, type MemoryRevocations, memoryRevocations } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { listen } from "@stoa/runtime/listen";
import { sockets } from "@stoa/runtime/sockets";
import { httpDeps, send, silent, type TestKeys, testKeys } from "@stoa/testing";
import { createApp } from "../app.ts";
import type { MessagingDeps } from "../deps.ts";
import { createStreams, type Streams, type StreamsOptions } from "../stream/streams.ts";
import type { Person, World } from "./world.ts";

/** Messaging as a service: its app, and tokens that it believes. */
export interface Service extends AsyncDisposable {
  readonly app: ReturnType<typeof createApp>;
  readonly streams: Streams;
  readonly revocations: MemoryRevocations;
  readonly keys: TestKeys;
  /** A request as someone; its answer's JSON. */
  call<T = Record<string, unknown>>(
    person: Person | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  token(person: Person, claims?: Record<string, unknown>): Promise<string>;
  /** Where it is served over real HTTP, for streams. */
  readonly origin: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly json: T;
}

/** Serves messaging on a world's database, or another connection to it. */
export async function serve(
  world: World,
  options: {
    db?: Database;
    deps?: Partial<MessagingDeps>;
    streams?: Partial<StreamsOptions>;
    rate_limit_scale?: number;
  } = {},
): Promise<Service> {
  const db = options.db ?? world.db;
  const { now } = world.deps;
  const keys = await testKeys();
  const revocations = memoryRevocations({ lifetimeSeconds: 900, now });
  const verifier = createVerifier({
    keys: async () => ({ keys: [keys.publicJwk] }),
    issuer: keys.issuer,
    audience: keys.audience,
    revocations,
    now,
  });
  const ticket_key = new Uint8Array(32).fill(9);
  const streams = createStreams({ db, now, log: silent, revocations, ticket_key, ...options.streams });
  const own = sockets();
  const app = createApp({
    ...world.deps,
    db,
    streams,
    assistants: undefined,
    upgrade: own.upgrade,
    http: httpDeps({
      service: "messaging",
      verify: verifier.verify,
      now,
      rate_limit_scale: options.rate_limit_scale ?? 0,
    }),
    ...options.deps,
  });
  const server = listen({ host: "127.0.0.1", port: 0, grace_ms: 0, handle: app.fetch, sockets: own });
  const tokens = new Map<string, Promise<string>>();
  const sign = ({ user_id, session_id, username, is_superuser }: Person, claims = {}) =>
    keys.signToken({ sub: user_id, sid: session_id, username, is_superuser, ...claims });
  const service: Service = {
    app,
    streams,
    revocations,
    keys,
    origin: `http://127.0.0.1:${server.port}`,
    token: (person, claims) => {
      if (claims) return sign(person, claims);
      const token = tokens.get(person.session_id) ?? sign(person);
      tokens.set(person.session_id, token);
      return token;
    },
    async call<T>(
      person: Person | null,
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) {
      const token = person && (await service.token(person));
      const answer = await send<T>(app, method, `/api/v1${path}`, { token, body, headers });
      return { ...answer, json: answer.body };
    },
    async [Symbol.asyncDispose]() {
      streams.hub.close();
      await server.stop();
    },
  };
  return service;
}
