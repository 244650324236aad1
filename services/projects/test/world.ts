import type { Actor, Principal } from "@stoa/auth";
import { newId, openDatabase, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Envelope, type EventData, type EventName, system } from "@stoa/events";
import { temporaryDatabase } from "@stoa/testing";
import { createApp } from "../app.ts";
import type { ProjectsDeps } from "../deps.ts";
import { handlers } from "../handlers.ts";

/** Someone who asks. */
export interface Asker extends Principal {
  readonly actor: Actor;
}

/** What a request got. */
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A problem document. */
export interface Problem {
  readonly error_code: string;
  readonly detail: string;
  readonly errors?: readonly { path: string; message: string }[];
  readonly current?: { readonly version: number };
}

/** A request to be. */
export interface Ask {
  readonly as?: Asker | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** The projects service over a database of its own, with people in its directory. */
export async function startWorld() {
  const stored = await temporaryDatabase("projects");
  const statements: string[] = [];
  const traced = await openDatabase(stored.url, { trace: (text) => statements.push(text) });
  const failures: object[] = [];
  const people = new Map<string, Asker>();
  let clock: Date | undefined;
  const now = () => clock ?? new Date();
  const deps: ProjectsDeps = {
    db: traced,
    now,
    cursor_key: new Uint8Array(32).fill(7),
    readYourWrites: { lookup: (look) => look(), waitFor: (holds) => holds() },
    http: {
      service: "projects",
      version: "0.0.0",
      environment: "test",
      verify: (token) => {
        const asker = people.get(token);
        if (!asker) throw new StoaError("invalid_token");
        return asker;
      },
      now,
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: (fields) => failures.push(fields),
      },
      cors_origins: [],
      csp_mode: "strict",
      trusted_proxies: [],
      rate_limit_scale: 0,
      database: async () => undefined,
      schema_current: () => true,
      events: () => ({ transport: "none", connected: true, lag: 0 }),
      addressOf: () => "192.0.2.1",
    },
  };
  const app = createApp(deps);

  async function ask<T = Problem>(
    method: string,
    path: string,
    { as = null, body, headers = {} }: Ask = {},
  ): Promise<Answer<T>> {
    const response = await app.handle(
      new Request(`http://stoa.test/api/v1${path}`, {
        method,
        headers: {
          ...(as ? { authorization: `Bearer ${as.token_id}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === "" ? null : JSON.parse(text)) as T };
  }

  /** Applies an event of identity, as the projector would. */
  async function apply<N extends EventName>(name: N, data: EventData<N>, time = now().toISOString()): Promise<void> {
    const envelope: Envelope<N> = {
      specversion: "1.0",
      id: newId(),
      source: "/identity",
      type: `stoa.identity.${name}.v1`,
      subject: newId(),
      time,
      datacontenttype: "application/json",
      sequence: 1,
      journalid: newId(),
      actorid: null,
      requestid: null,
      traceparent: null,
      data,
    };
    const wanted = handlers(900).filter((handler) => handler.event === name);
    const effects = wanted.flatMap((handler) => [...handler.apply(envelope)]);
    await stored.db.write(effects);
  }

  /** Someone with a token; known to the directory unless said otherwise. */
  async function person(username: string, { superuser = false, known = true } = {}): Promise<Asker> {
    const user_id = newId();
    const principal: Principal = {
      user_id,
      session_id: newId(),
      username,
      roles: [],
      is_superuser: superuser,
      auth_time: 0,
      expires_at: 4_000_000_000,
      token_id: `token-of-${username}-${user_id}`,
    };
    const cause = { ...system, actor_id: user_id, session_id: principal.session_id };
    const asker: Asker = { ...principal, actor: { ...principal, cause } };
    people.set(principal.token_id, asker);
    if (known) await register(asker);
    return asker;
  }

  function register({ user_id, username, is_superuser }: Principal): Promise<void> {
    const full_name = username.slice(0, 1).toUpperCase() + username.slice(1);
    return apply("user.registered", { user_id, username, full_name, is_superuser, roles: [], source: "self" });
  }

  return {
    db: stored.db,
    deps,
    app,
    ask,
    person,
    register,
    apply,
    /** What requests failed with that nobody expected. */
    failures,
    /** Stops the clock; undefined lets it go on. */
    setClock: (time: string | undefined) => {
      clock = time === undefined ? undefined : new Date(time);
    },
    /** The statements of what is done, without their values. */
    statementsOf: async (work: () => Promise<unknown>) => {
      statements.length = 0;
      await work();
      return [...statements];
    },
    journal: (entity_id: string) =>
      stored.db.query<{ type: EventName; data: string; actor_id: string | null }>(
        sql`select type, data, actor_id from journal where entity_id = ${entity_id} order by seq`,
      ),
    close: async () => {
      traced.close();
      await stored.dispose();
    },
  };
}

/** A world of people who do things. */
export type World = Awaited<ReturnType<typeof startWorld>>;
