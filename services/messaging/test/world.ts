import type { Actor } from "@stoa/auth";
import { readYourWrites } from "@stoa/bus/read-your-writes";
import { type Database, newId, sql } from "@stoa/db";
import { type Envelope, type EventData, type EventName, type ServiceName, system } from "@stoa/events";
import { temporaryDatabase } from "@stoa/testing";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { handlers } from "../handlers.ts";

/** A person in a test: an actor for use cases. */
export type Person = Actor;

/** Messaging's database, events of the other services as the projector would apply them, and people. */
export interface World extends AsyncDisposable {
  readonly db: Database;
  readonly url: string;
  readonly deps: PeopleDeps & ListDeps;
  /** Someone registers. */
  person(username: string): Promise<Person>;
  /** Several people register. */
  people<const N extends readonly string[]>(...usernames: N): Promise<{ [K in keyof N]: Person }>;
  /** An event of another service is applied, with all that messaging does about it. */
  apply<N extends EventName>(type: N, data: EventData<N>, by?: Person): Promise<Envelope<N>>;
  /** A project is created, with members added. */
  project(owner: Person, ...members: Person[]): Promise<string>;
  /** Messaging's journal: the names of its events, in order. */
  events(): Promise<string[]>;
}

const all = handlers(900);

/** An event of another service. */
export function envelope<N extends EventName>(type: N, data: EventData<N>, by?: Person): Envelope<N> {
  const service: ServiceName = /^(user|session|key)\./.test(type) ? "identity" : "projects";
  return {
    specversion: "1.0",
    id: newId(),
    source: `/${service}`,
    type: `stoa.${service}.${type}.v1`,
    subject: newId(),
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    sequence: 1,
    journalid: "00000000-0000-4000-8000-000000000000",
    actorid: by?.user_id ?? null,
    requestid: null,
    traceparent: null,
    data,
  };
}

/** What messaging does about an event, in one batch. */
export async function applyEvent<N extends EventName>(db: Database, event: Envelope<N>): Promise<void> {
  const name = event.type.split(".").slice(2, -1).join(".");
  const statements = all.filter((handler) => handler.event === name).flatMap((handler) => handler.apply(event));
  if (statements.length > 0) await db.write(statements);
}

/** A fresh world. */
export async function createWorld(): Promise<World> {
  const stored = await temporaryDatabase("messaging");
  const { db } = stored;
  const listeners = new Set<() => void>();
  const onApplied = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const world: World = {
    db,
    url: stored.url,
    deps: {
      db,
      now: () => new Date(),
      readYourWrites: readYourWrites({ onApplied }),
      cursor_key: new Uint8Array(32).fill(7),
    },
    async person(username) {
      const user_id = newId();
      await world.apply("user.registered", {
        user_id,
        username,
        full_name: null,
        is_superuser: false,
        roles: [],
        source: "self",
      });
      return actor(user_id, username);
    },
    async people<const N extends readonly string[]>(...usernames: N) {
      const people: Person[] = [];
      for (const username of usernames) people.push(await world.person(username));
      return people as { [K in keyof N]: Person };
    },
    async apply(type, data, by) {
      const event = envelope(type, data, by);
      await applyEvent(db, event);
      for (const listener of listeners) listener();
      return event;
    },
    async project(owner, ...members) {
      const project_id = newId();
      const project = { project_id, name: "Apollo", version: 1 };
      await world.apply(
        "project.created",
        { ...project, key: "APO", organization_id: null, owner_id: owner.user_id },
        owner,
      );
      for (const { user_id } of members) {
        await world.apply("project.member_added", { ...project, user_id, role: "developer" }, owner);
      }
      return project_id;
    },
    events: async () =>
      (await db.query<{ type: string }>(sql`select type from journal order by seq`)).map((row) => row.type),
    [Symbol.asyncDispose]: () => stored.dispose(),
  };
  return world;
}

/** Someone whom no event has told of yet. */
export function actor(user_id: string, username: string): Person {
  const session_id = newId();
  return {
    user_id,
    session_id,
    username,
    roles: [],
    is_superuser: false,
    auth_time: 0,
    expires_at: Math.floor(Date.now() / 1_000) + 900,
    token_id: newId(),
    cause: { ...system, actor_id: user_id, session_id },
  };
}
