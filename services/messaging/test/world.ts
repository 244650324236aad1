import type { Actor } from "@stoa/auth";
import { readYourWrites } from "@stoa/bus/read-your-writes";
import { on, sourceOf } from "@stoa/bus/types";
import { type Database, newId, type Sql, select, sql } from "@stoa/db";
import type { Envelope, EventData, EventName, ServiceName } from "@stoa/events";
import { journal } from "@stoa/journal";
import { applyEvent, envelope, type Place, temporaryDatabase, testActor } from "@stoa/testing";
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

/** The project that an event is about; for a personal task the user. */
function subjectOf(data: object, by?: Person): string {
  const { project_id } = data as { project_id?: string | null };
  return project_id ?? by?.user_id ?? newId();
}

/** Moves the cursor as the projector does. */
function at(source: ServiceName, { sequence, journalid, id }: Envelope): Sql {
  return sql`insert into cursors (source, journal_id, prev, seq, event_id, reacted, parked)
    values (${source}, ${journalid}, ${sequence - 1}, ${sequence}, ${id}, ${sequence}, '0:0')
    on conflict (source) do update set prev = seq, seq = excluded.seq, event_id = excluded.event_id,
      reacted = excluded.reacted`;
}

/** A fresh world. */
export async function createWorld(place?: Place): Promise<World> {
  const stored = await temporaryDatabase("messaging", place);
  const { db } = stored;
  const listeners = new Set<() => void>();
  const sequences = new Map<ServiceName, number>();
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
      return testActor(username, { user_id });
    },
    async people<const N extends readonly string[]>(...usernames: N) {
      const people: Person[] = [];
      for (const username of usernames) people.push(await world.person(username));
      return people as { [K in keyof N]: Person };
    },
    async apply(type, data, by) {
      const source = sourceOf(type);
      const sequence = (sequences.get(source) ?? 0) + 1;
      sequences.set(source, sequence);
      const actorid = by?.user_id ?? null;
      const event = envelope(type, data, { actorid, sequence, subject: subjectOf(data, by) });
      await applyEvent(db, [...all, on("projection", type, () => [at(source, event)])], event);
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
    events: async () => {
      const { type } = journal;
      return (await db.query(select({ type }, sql`from ${journal} order by seq`))).map((row) => row.type);
    },
    [Symbol.asyncDispose]: () => stored.dispose(),
  };
  return world;
}
