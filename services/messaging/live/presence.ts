import type { SessionNews } from "./exchange.ts";
import type { Presence, Status } from "./schema.ts";

/** How long a session stays after its last connection went, so that one that comes back is not told of; milliseconds. */
const GRACE_MS = 10_000;
/** How long what PUT /presence said holds without a connection; milliseconds. */
const SAID_MS = 50_000;
/** How often each instance says again who is there, and how long others believe it; milliseconds. */
const CONFIRM_MS = 20_000;
const BELIEVED_MS = 45_000;
/** How many sessions one message names. */
const MOST_NAMED = 2_000;

/** One session of a user, wherever it is connected. */
interface Session {
  status: Status;
  said_at: number;
  /** Its connections in this process. */
  connections: number;
  /** Until when it counts as here without any. */
  until: number;
  /** When the other instances were last told that it is here. */
  confirmed_at: number;
  /** Until when other instances have it, by instance. */
  readonly elsewhere: Map<string, number>;
}

/**
 * Who is there, in the memory of every instance: a user is while any of their sessions has a stream or a socket, or has said
 * so within the last minute. Sessions that go, crash or are cut off go by themselves, within a minute.
 */
export class PresenceBook {
  readonly #users = new Map<string, Map<string, Session>>();
  /** What was last seen of those who are there. */
  readonly #seen = new Map<string, Presence["status"]>();
  /** Sessions to tell the other instances of. */
  readonly #news = new Map<string, SessionNews>();

  constructor(private readonly now: () => number) {}

  /** Whether there is anyone, here or elsewhere, or anything to tell. */
  get empty(): boolean {
    return this.#users.size === 0 && this.#news.size === 0;
  }

  statusOf(user_id: string): Presence["status"] {
    const now = this.now();
    const there = [...(this.#users.get(user_id)?.values() ?? [])].filter((session) => isThere(session, now));
    if (there.length === 0) return "offline";
    return there.some(({ status }) => status === "online") ? "online" : "away";
  }

  /** A connection of a session began. */
  opened(user_id: string, session_id: string): void {
    const session = this.#session(user_id, session_id);
    session.connections++;
    if (session.connections === 1) this.#tell(user_id, session_id, session);
  }

  /** A connection of a session ended. */
  closed(user_id: string, session_id: string): void {
    const session = this.#session(user_id, session_id);
    session.connections--;
    session.until = Math.max(session.until, this.now() + GRACE_MS);
  }

  /** A user says how they are, in one session. */
  say(user_id: string, session_id: string, status: Status): void {
    const session = this.#session(user_id, session_id);
    session.status = status;
    session.said_at = this.now();
    session.until = Math.max(session.until, session.said_at + SAID_MS);
    this.#tell(user_id, session_id, session);
  }

  /** What another instance says. */
  take(instance: string, { user_id, session_id, here, status, said_at }: SessionNews): void {
    const session = this.#session(user_id, session_id);
    if (said_at > session.said_at) Object.assign(session, { status, said_at });
    if (here) session.elsewhere.set(instance, this.now() + BELIEVED_MS);
    else session.elsewhere.delete(instance);
  }

  /** Another instance has just begun: it is told of everyone. */
  confirmAll(): void {
    for (const sessions of this.#users.values()) for (const session of sessions.values()) session.confirmed_at = 0;
  }

  /** Forgets who has gone. @returns those of whom something else is to be seen than before */
  changes(): Presence[] {
    const now = this.now();
    const changed: Presence[] = [];
    for (const [user_id, sessions] of this.#users) {
      for (const [session_id, session] of sessions) this.#look(user_id, session_id, session, now);
      const status = this.statusOf(user_id);
      if (status !== (this.#seen.get(user_id) ?? "offline")) changed.push({ user_id, status });
      if (status === "offline") this.#seen.delete(user_id);
      else this.#seen.set(user_id, status);
      if (sessions.size === 0) this.#users.delete(user_id);
    }
    return changed;
  }

  /** What the other instances are to be told now. What is too much waits for the next time. */
  news(): SessionNews[] {
    const taken = [...this.#news].slice(0, MOST_NAMED);
    for (const [key] of taken) this.#news.delete(key);
    return taken.map(([, news]) => news);
  }

  #session(user_id: string, session_id: string): Session {
    const sessions = this.#users.get(user_id) ?? new Map<string, Session>();
    this.#users.set(user_id, sessions);
    const session = sessions.get(session_id) ?? unknown();
    sessions.set(session_id, session);
    return session;
  }

  #look(user_id: string, session_id: string, session: Session, now: number): void {
    for (const [instance, until] of session.elsewhere) if (until <= now) session.elsewhere.delete(instance);
    const here = isHere(session, now);
    if (here && session.confirmed_at + CONFIRM_MS <= now) this.#tell(user_id, session_id, session);
    if (!here && session.confirmed_at > 0) this.#tell(user_id, session_id, session);
    if (!here && session.elsewhere.size === 0) this.#users.get(user_id)?.delete(session_id);
  }

  #tell(user_id: string, session_id: string, session: Session): void {
    const now = this.now();
    const here = isHere(session, now);
    session.confirmed_at = here ? now : 0;
    const { status, said_at } = session;
    this.#news.set(`${user_id} ${session_id}`, { user_id, session_id, here, status, said_at });
  }
}

function unknown(): Session {
  return { status: "online", said_at: 0, connections: 0, until: 0, confirmed_at: 0, elsewhere: new Map() };
}

function isHere({ connections, until }: Session, now: number): boolean {
  return connections > 0 || until > now;
}

function isThere(session: Session, now: number): boolean {
  return isHere(session, now) || [...session.elsewhere.values()].some((until) => until > now);
}
