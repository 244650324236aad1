import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Logger } from "@stoa/http";
import { DamagedEvent, type Standstill } from "@stoa/journal";
import type { Carrier, CarrierHooks } from "./carrier.ts";
import { catchingUp } from "./catch-up.ts";
import { Connection, type Listener } from "./connection.ts";
import { Damage } from "./damage.ts";
import { Deltas } from "./deltas.ts";
import { type Feed, PlaceLost } from "./feed.ts";
import { feedsOf } from "./feeds/feeds.ts";
import { eventStream } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { Parcels, PassingEvent } from "./parcels.ts";
import { type FeedName, formatPosition, type Journals, noJournal, type Places, parsePosition } from "./position.ts";
import { type HeardRevocations, watchSessions } from "./watch-sessions.ts";
import type { WriteSignal } from "./write-signal.ts";

/** What a hub needs. Times in milliseconds. */
export interface HubOptions {
  readonly db: Database;
  readonly now: () => Date;
  readonly log: Pick<Logger, "warn">;
  /** Kept in memory, so that asking costs nothing. */
  readonly revocations: HeardRevocations;
  /** How often to look for what other processes wrote; 250 unless given. */
  readonly pollMs?: number;
  /** How often a quiet stream sends a heartbeat; 15,000 unless given. */
  readonly heartbeatMs?: number;
  /** How many rows of a feed a client may be behind and still resume; 10,000 unless given. */
  readonly maxBehind?: number;
  /** Up to how many rows of each feed a client may be behind to catch up together with others; 1,000 unless given. */
  readonly nearRows?: number;
  /** How many streams one user may have open; 20 unless given. */
  readonly maxPerUser?: number;
  /** How many streams this process may have open; 20,000 unless given. */
  readonly maxStreams?: number;
  readonly watcher?: Watcher;
  /** Told when a row cannot be read, so that health shows it. */
  readonly standstill?: Standstill;
  /** How often a row that could not be read is looked at again; 5,000 unless given. */
  readonly lookMs?: number;
  /** Says and hears that an instance has written; without it, others are heard of by looking alone. */
  readonly signal?: WriteSignal | undefined;
}

/** Who is told of the connections of a hub. */
interface Watcher {
  opened(listener: Listener): void;
  closed(listener: Listener): void;
  /** The hub closes, and its connections have ended. */
  stop(): void;
}

/** The live streams of a process, all fed by one reader of each feed. */
export interface Hub {
  /**
   * Opens a stream: live from now on, or after the position that the client has (`Last-Event-ID`).
   *
   * @throws StoaError `rate_limited` (too many streams of this user), `unavailable` (too many of this process)
   */
  open(listener: Listener, after?: string): Promise<ReadableStream<Uint8Array>>;
  /** The same over another carrier, such as a socket. */
  connect<C extends Carrier>(
    listener: Listener,
    after: string | undefined,
    carry: (hooks: CarrierHooks) => C,
  ): Promise<Connection<C>>;
  /** Offers an event that is never stored to all connections of these users in this process. */
  whisper(users: Iterable<string>, event: string, data: string): void;
  /** How many streams and sockets are open. */
  readonly size: number;
  /** Ends all of them cleanly, each with another time to wait before it comes back, and refuses new ones. */
  close(): void;
}

/** How long the client of a stream that was cut waits before it comes back; milliseconds. */
const RETRY_MS = 2_000;

/** Where the feeds end, and in which journals. */
interface Ends {
  readonly journals: Journals;
  readonly last: Readonly<Places>;
}

/**
 * Makes the hub. It reads the feeds after each write of this process, and when another instance says that it has
 * written, and every {@link HubOptions.pollMs} in case that was lost, resolves the receivers once for a batch, and gives each stream what is for it. A stream that is
 * behind (it resumes, or was opened while a batch was being resolved) catches up from the database by itself; the hub
 * feeds it again when it has reached the hub's places. So a stream gets each row once, in the order of its feed.
 */
export function createHub(options: HubOptions): Hub {
  const { db, now, log, pollMs = 250, heartbeatMs = 15_000, maxBehind = 10_000 } = options;
  const { nearRows = 1_000, maxPerUser = 20, maxStreams = 20_000, watcher, signal } = options;
  const feeds = feedsOf(db);
  const connections = new Map<string, Set<Connection>>();
  /** Who has one. It is made anew when that changes, so that who reads keeps what it was then. */
  let listening: ReadonlySet<string> | undefined;
  let size = 0;
  let closed = false;
  /** The journals that the places are in. */
  let journals: Journals = { events: noJournal, work: noJournal };
  /** The last row of each feed that the hub has given to its streams. */
  const places: Places = { events: 0, marks: 0, work: 0 };
  /** When a feed that rests may be read again, by the clock of `performance`. */
  const rests = new Map<FeedName, number>();
  let pumping = false;
  let again = false;
  let running: ReturnType<typeof run> | undefined;

  async function pump(): Promise<void> {
    again = true;
    if (pumping) return;
    pumping = true;
    try {
      while (again && size > 0) {
        again = false;
        for (const feed of feeds) if (await step(feed).catch(beginAnew)) again = true;
        if (!again) await deltas.pump();
      }
    } catch (error) {
      // The next write or poll tries again, from the same places.
      log.warn({ err: error }, "streams cannot read the journal");
    } finally {
      pumping = false;
    }
  }

  /** Gives one batch of a feed to the streams. Returns whether there may be more. */
  async function step(feed: Feed): Promise<boolean> {
    const { name } = feed;
    if (feed.behind && places[name] >= places[feed.behind]) return false;
    const rest = (rests.get(name) ?? 0) - performance.now();
    if (rest > 0) {
      running?.later(rest);
      return false;
    }
    listening ??= new Set(connections.keys());
    const users = listening;
    const upTo = feed.behind && { upTo: places[feed.behind] };
    const {
      journal,
      deliveries,
      end,
      more,
      rows = [],
    } = await feed.read({ journal: journalOf(feed), after: places[name], ...upTo }, users);
    if (!feed.behind) journals = { ...journals, [name]: journal };
    if (deliveries.length > 0 && feed.restMs) rests.set(name, performance.now() + feed.restMs);
    if (end === places[name]) return more;
    // An answer that has ended begins a batch: its streams get first what they lack of its text.
    const ended = rows.flatMap(({ type, entity_id }) => (type === "message.completed" ? [entity_id] : []));
    if (ended.length > 0) await deltas.finish(ended);
    deltas.notice(rows);
    const parcels = new Parcels(deliveries);
    places[name] = end;
    deltas.forget(rows);
    for (const [user_id, own] of connections) {
      for (const connection of own) {
        if (!connection.live) {
          // So slow a reader would fall behind ever further: the stream ends, and its client starts anew.
          if (end - connection.places[name] > 2 * maxBehind) connection.outbox.end("too_slow");
          continue;
        }
        // It was opened while receivers were being resolved, so nothing was made for it, or it is slower than the batch.
        if (!users.has(user_id) || !connection.take(name, parcels.of(user_id), end)) catchUp(connection);
      }
    }
    return more;
  }

  /**
   * When a feed has no longer what follows the hub's place, or it cannot be read, all streams end, and their clients are told
   * `reset`: going on would leave out events.
   */
  async function beginAnew(error: unknown): Promise<boolean> {
    if (error instanceof DamagedEvent) damage.note(error);
    else if (!(error instanceof PlaceLost)) throw error;
    log.warn({ reason: error.message }, "streams begin anew");
    for (const connection of [...every()]) connection.outbox.end("unavailable");
    goTo(await heads());
    return true;
  }

  function journalOf(feed: Feed): string {
    return feed.name === "work" ? journals.work : journals.events;
  }

  /** Where the feeds end, and in which journals. */
  async function heads(): Promise<Ends> {
    const ends = await Promise.all(feeds.map(async (feed) => [feed.name, await feed.head?.()] as const));
    const head = new Map(ends);
    const [events, work] = [head.get("events"), head.get("work")];
    return {
      journals: { events: events?.journal ?? noJournal, work: work?.journal ?? noJournal },
      last: { events: events?.last ?? 0, marks: events?.last ?? 0, work: work?.last ?? 0 },
    };
  }

  function goTo(ends: Ends): void {
    ({ journals } = ends);
    Object.assign(places, ends.last);
  }

  function start(connection: Connection): void {
    if (closed) connection.outbox.end("shutting_down");
    if (connection.outbox.ended) return;
    const { user_id } = connection.listener;
    const own = connections.get(user_id) ?? new Set();
    if (own.size === 0) listening = undefined;
    connections.set(user_id, own.add(connection));
    size++;
    if (!running) deltas.clear();
    watcher?.opened(connection.listener);
    running ??= run();
    running.look();
    catchUp(connection);
    // Otherwise it reads by itself. When thousands come back at once they do not make it read for each of them.
    if (size === 1) void pump();
  }

  function stop(connection: Connection): void {
    const { user_id } = connection.listener;
    const own = connections.get(user_id);
    if (!own?.delete(connection)) return;
    size--;
    watcher?.closed(connection.listener);
    if (own.size === 0) {
      connections.delete(user_id);
      listening = undefined;
    }
    if (size > 0) return;
    running?.rest();
    running = undefined;
  }

  const every = function* () {
    for (const own of connections.values()) yield* own;
  };
  const deltas = new Deltas(db, every);
  const damage = new Damage(feeds, options);
  const catchUp = catchingUp({
    feeds,
    places,
    journalOf,
    nearRows,
    log,
    onDamage: (error) => damage.note(error),
    // It may lack the text of answers under way.
    onLive: () => {
      if (deltas.waiting) void pump();
    },
  });
  const stopTelling = signal && db.onWrite(() => signal.send());

  /** What runs while there are streams. */
  function run() {
    const stopListening = db.onWrite(() => void pump());
    const stopHearing = signal?.onHeard(() => void pump());
    const poll = setInterval(() => {
      deltas.lookAgain();
      void pump();
    }, pollMs);
    const heartbeat = setInterval(() => {
      for (const connection of every()) connection.heartbeat(maxBehind / 10);
    }, heartbeatMs);
    const watch = watchSessions({ revocations: options.revocations, now, log, every });
    let waking: ReturnType<typeof setTimeout> | undefined;
    return {
      look: watch.look,
      later: (ms: number) => {
        waking ??= setTimeout(() => {
          waking = undefined;
          void pump();
        }, ms);
      },
      rest: () => {
        stopListening();
        stopHearing?.();
        clearInterval(poll);
        clearInterval(heartbeat);
        clearTimeout(waking);
        watch.stop();
      },
    };
  }

  function refuseTooMany(user_id: string): void {
    if (closed || size >= maxStreams) throw new StoaError("unavailable", { headers: { "retry-after": "5" } });
    if ((connections.get(user_id)?.size ?? 0) < maxPerUser) return;
    const detail = "Too many streams are open for this user.";
    throw new StoaError("rate_limited", { detail, headers: { "retry-after": "5" } });
  }

  /** The places after which a client goes on; undefined when they cannot be resumed. */
  function resumed(after: string, ends: Ends): Readonly<Places> | undefined {
    const wanted = parsePosition(after);
    if (wanted?.journals.events !== ends.journals.events) return undefined;
    // Of a journal that nothing was known of nothing was missed.
    if (wanted.journals.work !== ends.journals.work && wanted.journals.work !== noJournal) return undefined;
    if (damage.isAfter(wanted.places)) return undefined;
    const near = feeds.every(({ name }) => {
      const missed = ends.last[name] - wanted.places[name];
      return missed >= 0 && missed <= maxBehind;
    });
    return near ? wanted.places : undefined;
  }

  async function connect<C extends Carrier>(
    listener: Listener,
    after: string | undefined,
    carry: (hooks: CarrierHooks) => C,
  ): Promise<Connection<C>> {
    refuseTooMany(listener.user_id);
    const ends = await heads();
    // Without streams the hub does not read; it goes on from here.
    if (size === 0 && !pumping) goTo(ends);
    const from = after === undefined ? undefined : resumed(after, ends);
    const position = (at: Readonly<Places>) => formatPosition({ journals, places: at });
    const connection = new Connection(listener, from ?? ends.last, { onStart: start, onEnd: stop, position }, carry);
    if (after === undefined) connection.announce("ready");
    else if (!from) connection.announce("reset");
    return connection;
  }

  return {
    connect,
    async open(listener, after) {
      const { outbox } = await connect(listener, after, (hooks) => {
        const outbox = new Outbox(hooks);
        outbox.push(eventStream.retry(RETRY_MS));
        return outbox;
      });
      return outbox.stream;
    },
    whisper(users, event, data) {
      const passing = new PassingEvent(event, data);
      for (const user_id of users) for (const its of connections.get(user_id) ?? []) its.whisper(passing);
    },
    get size() {
      return size;
    },
    close() {
      closed = true;
      for (const connection of [...every()]) connection.dismiss("shutting_down", spread());
      watcher?.stop();
      stopTelling?.();
      damage.stop();
    },
  };
}

/** How long a client waits when the process stops: from 2 s, in which it may start again, up to 10 s; milliseconds. */
function spread(): number {
  return Math.round(2_000 + Math.random() * 8_000);
}
