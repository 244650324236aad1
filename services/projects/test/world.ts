import type { Actor, Principal } from "@stoa/auth";
import { openDatabase, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { EventData, EventName } from "@stoa/events";
import {
  type Answer,
  applyEvent,
  envelope,
  httpDeps,
  type Place,
  type Problem,
  readOnce,
  rowsOf,
  send,
  silent,
  temporaryDatabase,
  testActor,
} from "@stoa/testing";
import { createApp } from "../app.ts";
import type { ProjectsDeps } from "../deps.ts";
import { handlers } from "../handlers.ts";
import { identityOver } from "../newcomers/identity.ts";
import { webhookDeps } from "../webhooks/deps.ts";

/** A person with an access token. */
export interface Person extends Principal {
  readonly actor: Actor;
}

/** What a request carries, and whose token; none when `as` is null or left out. */
export interface Ask {
  readonly as?: Person | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Identity that answers nothing. */
const identityAway = identityOver({ url: "http://identity", send: () => new Response(null, { status: 502 }) });

/** The projects service over a database of its own, with people in its directory. */
export async function startWorld(of: Partial<Pick<ProjectsDeps, "corporate" | "identity">> = {}, place?: Place) {
  const { corporate = null, identity = identityAway } = of;
  const stored = await temporaryDatabase("projects", place);
  const statements: string[] = [];
  const traced = await openDatabase(stored.url, { trace: (text) => statements.push(text), checkRows: true });
  const failures: object[] = [];
  const people = new Map<string, Person>();
  let clock: Date | undefined;
  const now = () => clock ?? new Date();
  const deps: ProjectsDeps = {
    db: traced,
    now,
    cursor_key: new Uint8Array(32).fill(7),
    readYourWrites: readOnce,
    corporate,
    identity,
    webhooks: webhookDeps({
      secret_key: "the secret key of the tests",
      secret_key_previous: null,
      webhook_allowed_hosts: ["127.0.0.1/32"],
      environment: "test",
    }),
    http: httpDeps({
      service: "projects",
      verify: (token) => {
        const someone = people.get(token);
        if (!someone) throw new StoaError("invalid_token");
        return someone;
      },
      now,
      log: { ...silent, error: (fields) => failures.push(fields) },
    }),
  };
  const app = createApp(deps);

  const ask = <T = Problem>(method: string, path: string, { as, body, headers }: Ask = {}): Promise<Answer<T>> =>
    send<T>(app, method, `/api/v1${path}`, { token: as?.token_id, body, headers });

  /** Applies an event of identity, as the projector would. */
  const apply = <N extends EventName>(name: N, data: EventData<N>, time = now().toISOString()): Promise<void> =>
    applyEvent(stored.db, handlers(900), envelope(name, data, { time }));

  /** Someone with a token; known to the directory unless said otherwise. */
  async function person(username: string, { superuser = false, known = true } = {}): Promise<Person> {
    const actor = testActor(username, { is_superuser: superuser });
    const someone: Person = { ...actor, actor };
    people.set(someone.token_id, someone);
    if (known) await register(someone);
    return someone;
  }

  function register({ user_id, username, is_superuser }: Principal): Promise<void> {
    const full_name = username.slice(0, 1).toUpperCase() + username.slice(1);
    return apply("user.registered", { user_id, username, full_name, is_superuser, roles: [], source: "self" });
  }

  return {
    db: stored.db,
    stored,
    deps,
    app,
    ask,
    person,
    register,
    apply,
    /** Makes somebody a superuser, or no longer: their tokens follow, and the service hears of it. */
    setSuperuser: (someone: Person, is_superuser: boolean) => {
      people.set(someone.token_id, { ...someone, is_superuser });
      return apply("user.superuser_changed", { user_id: someone.user_id, is_superuser });
    },
    /** What was logged as an error. */
    failures,
    /** Stops the clock; undefined lets it go on. */
    setClock: (time: string | undefined) => {
      clock = time === undefined ? undefined : new Date(time);
    },
    /** The SQL that some work runs, without its values. */
    statementsOf: async (work: () => Promise<unknown>) => {
      statements.length = 0;
      await work();
      return [...statements];
    },
    journal: (entity_id: string) =>
      rowsOf<{ type: EventName; data: string; actor_id: string | null }>(
        stored.db,
        sql`select type, data, actor_id from journal where entity_id = ${entity_id} order by seq`,
      ),
    close: async () => {
      traced.close();
      await stored.dispose();
    },
  };
}

/** The service under test. */
export type World = Awaited<ReturnType<typeof startWorld>>;
