import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Logger } from "@stoa/http";
import type { Standstill } from "@stoa/journal";
import type { Carrier, CarrierHooks } from "./carrier.ts";
import { Connection, type Listener } from "./connection.ts";
import { Connections } from "./connections.ts";
import { Damage } from "./damage.ts";
import { feedsOf } from "./feeds/feeds.ts";
import { eventStream } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { PassingEvent } from "./parcels.ts";
import { formatPosition, noJournal, type Places, parsePosition } from "./position.ts";
import { type Ends, Reader } from "./reader.ts";
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

/**
 * Makes the hub. It reads the feeds after each write of this process, and when another instance says that it has
 * written, and every {@link HubOptions.pollMs} in case that was lost ({@link Reader}). A stream that is
 * behind (it resumes, or was opened while a batch was being resolved) catches up from the database by itself; the hub
 * feeds it again when it has reached the hub's places. So a stream gets each row once, in the order of its feed.
 */
export function createHub(options: HubOptions): Hub {
  const { db, now, log, pollMs = 250, heartbeatMs = 15_000, maxBehind = 10_000 } = options;
  const { nearRows = 1_000, maxPerUser = 20, maxStreams = 20_000, watcher, signal } = options;
  const feeds = feedsOf(db);
  const connections = new Connections();
  const damage = new Damage(feeds, options);
  let closed = false;
  let running: ReturnType<typeof run> | undefined;
  const later = (ms: number) => running?.later(ms);
  const reader = new Reader({ db, feeds, connections, damage, log, maxBehind, nearRows, later });
  const pump = () => void reader.pump();
  const stopTelling = signal && db.onWrite(() => signal.send());

  function start(connection: Connection): void {
    if (closed) connection.outbox.end("shutting_down");
    if (connection.outbox.ended) return;
    connections.add(connection);
    if (!running) reader.deltas.clear();
    watcher?.opened(connection.listener);
    running ??= run();
    running.look();
    reader.catchUp(connection);
    // Otherwise it reads by itself. When thousands come back at once they do not make it read for each of them.
    if (connections.size === 1) pump();
  }

  function stop(connection: Connection): void {
    if (!connections.delete(connection)) return;
    watcher?.closed(connection.listener);
    if (connections.size > 0) return;
    running?.rest();
    running = undefined;
  }

  /** What runs while there are streams. */
  function run() {
    const stopListening = db.onWrite(pump);
    const stopHearing = signal?.onHeard(pump);
    const poll = setInterval(() => {
      reader.deltas.lookAgain();
      pump();
    }, pollMs);
    const heartbeat = setInterval(() => {
      for (const connection of connections) connection.heartbeat(maxBehind / 10);
    }, heartbeatMs);
    const watch = watchSessions({ revocations: options.revocations, now, log, every: () => connections });
    let waking: ReturnType<typeof setTimeout> | undefined;
    return {
      look: watch.look,
      later: (ms: number) => {
        waking ??= setTimeout(() => {
          waking = undefined;
          pump();
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
    if (closed || connections.size >= maxStreams) {
      throw new StoaError("unavailable", { headers: { "retry-after": "5" } });
    }
    if (connections.of(user_id).size < maxPerUser) return;
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
    const ends = await reader.heads();
    // Without streams the hub does not read; it goes on from here.
    if (connections.size === 0 && !reader.pumping) reader.goTo(ends);
    const from = after === undefined ? undefined : resumed(after, ends);
    const position = (at: Readonly<Places>) => formatPosition({ journals: reader.journals, places: at });
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
      for (const user_id of users) for (const its of connections.of(user_id)) its.whisper(passing);
    },
    get size() {
      return connections.size;
    },
    close() {
      closed = true;
      for (const connection of [...connections]) connection.dismiss("shutting_down", spread());
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
