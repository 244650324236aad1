import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Logger } from "@stoa/http";
import { journalId, lastSeq } from "@stoa/journal";
import type { Carrier, CarrierHooks } from "./carrier.ts";
import { Connection, type Frames, type Listener } from "./connection.ts";
import { eventStream } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { journalName, parsePosition } from "./position.ts";
import { type Delivery, resolve } from "./resolve.ts";
import { rowsAfter, rowsOf } from "./rows.ts";
import { type HeardRevocations, watchSessions } from "./watch-sessions.ts";

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
  /** How many journal rows a client may be behind and still resume; 10,000 unless given. */
  readonly maxBehind?: number;
  /** How many streams one user may have open; 20 unless given. */
  readonly maxPerUser?: number;
  /** How many streams this process may have open; 20,000 unless given. */
  readonly maxStreams?: number;
  readonly watcher?: Watcher;
}

/** Who is told of the connections of a hub. */
interface Watcher {
  opened(listener: Listener): void;
  closed(listener: Listener): void;
  /** The hub closes, and its connections have ended. */
  stop(): void;
}

/** The live streams of a process, all fed by one reader of the journal. */
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

/** Rows read at a time: for all streams, and for one that catches up. */
const BATCH = 200;
const CATCH_UP_BATCH = 100;
/** How long the client of a stream that was cut waits before it comes back; milliseconds. */
const RETRY_MS = 2_000;

/**
 * Makes the hub. It reads the journal after each write of this process, and every {@link HubOptions.pollMs} for the
 * writes of others, resolves the receivers once for a batch, and gives each stream what is for it. A stream that is
 * behind (it resumes, or was opened while a batch was being resolved) catches up from the database by itself; the hub
 * feeds it again when it has reached the hub's position. So a stream gets each row once, in order.
 */
export function createHub(options: HubOptions): Hub {
  const { db, now, log, pollMs = 250, heartbeatMs = 15_000, maxBehind = 10_000 } = options;
  const { maxPerUser = 20, maxStreams = 20_000, watcher } = options;
  const connections = new Map<string, Set<Connection>>();
  let size = 0;
  let closed = false;
  let journal: string | undefined;
  /** The last row that the hub has given to its streams. */
  let position = 0;
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
        if (await step()) again = true;
      }
    } catch (error) {
      // The next write or poll tries again, from the same position.
      log.warn({ err: error }, "streams cannot read the journal");
    } finally {
      pumping = false;
    }
  }

  /** Gives one batch to the streams. Returns whether there may be more. */
  async function step(): Promise<boolean> {
    const rows = await rowsAfter(db, position, BATCH);
    const end = rows.at(-1)?.seq;
    if (end === undefined) return false;
    const users = new Set(connections.keys());
    const deliveries = await resolve(db, rows, users);
    const frames = new Map<Delivery, Frames>(deliveries.map((delivery) => [delivery, new Map()]));
    position = end;
    for (const [user_id, own] of connections) {
      for (const connection of own) {
        if (!connection.live) {
          // So slow a reader would fall behind ever further: the stream ends, and its client starts anew.
          if (position - connection.position > 2 * maxBehind) connection.outbox.end("too_slow");
          continue;
        }
        // It was opened while receivers were being resolved, so nothing was made for it, or it is slower than the batch.
        if (!users.has(user_id) || !connection.take(deliveries, end, frames)) void catchUp(connection);
      }
    }
    return rows.length === BATCH;
  }

  async function catchUp(connection: Connection): Promise<void> {
    connection.live = false;
    const { outbox } = connection;
    try {
      while (!outbox.ended && connection.position < position) {
        if (!(await stepOf(connection))) await outbox.room();
      }
      connection.live = true;
    } catch (error) {
      // Going on would leave out events: the client reconnects and resumes.
      log.warn({ err: error }, "a stream could not catch up");
      outbox.end("unavailable");
    }
  }

  /** Queues one batch for a stream that catches up. Returns whether it took all of it. */
  async function stepOf(connection: Connection): Promise<boolean> {
    const { user_id } = connection.listener;
    const upTo = position;
    const rows = await rowsOf(db, user_id, { after: connection.position, upTo, limit: CATCH_UP_BATCH });
    const end = rows.length === CATCH_UP_BATCH ? (rows.at(-1)?.seq ?? upTo) : upTo;
    return connection.take(await resolve(db, rows, new Set([user_id])), end);
  }

  function start(connection: Connection): void {
    if (closed) connection.outbox.end("shutting_down");
    if (connection.outbox.ended) return;
    const { user_id } = connection.listener;
    const own = connections.get(user_id) ?? new Set();
    connections.set(user_id, own.add(connection));
    size++;
    watcher?.opened(connection.listener);
    running ??= run();
    running.look();
    void catchUp(connection);
    // Otherwise it reads by itself. When thousands come back at once they do not make it read for each of them.
    if (size === 1) void pump();
  }

  function stop(connection: Connection): void {
    const { user_id } = connection.listener;
    const own = connections.get(user_id);
    if (!own?.delete(connection)) return;
    size--;
    watcher?.closed(connection.listener);
    if (own.size === 0) connections.delete(user_id);
    if (size > 0) return;
    running?.rest();
    running = undefined;
  }

  const every = function* () {
    for (const own of connections.values()) yield* own;
  };

  /** What runs while there are streams. */
  function run() {
    const stopListening = db.onWrite(() => void pump());
    const poll = setInterval(() => void pump(), pollMs);
    const heartbeat = setInterval(() => {
      for (const connection of every()) connection.heartbeat(maxBehind / 10);
    }, heartbeatMs);
    const watch = watchSessions({ revocations: options.revocations, now, log, every });
    return {
      look: watch.look,
      rest: () => {
        stopListening();
        clearInterval(poll);
        clearInterval(heartbeat);
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

  async function connect<C extends Carrier>(
    listener: Listener,
    after: string | undefined,
    carry: (hooks: CarrierHooks) => C,
  ): Promise<Connection<C>> {
    refuseTooMany(listener.user_id);
    journal ??= journalName(await journalId(db));
    const last = await lastSeq(db);
    // Without streams the hub does not read; it goes on from here.
    if (size === 0 && !pumping) position = Math.max(position, last);
    const wanted = after === undefined ? undefined : parsePosition(after);
    const resumable = wanted?.journal === journal && wanted.seq <= last && last - wanted.seq <= maxBehind;
    const from = wanted && resumable ? wanted.seq : last;
    const connection = new Connection(listener, journal, from, { onStart: start, onEnd: stop }, carry);
    if (after === undefined) connection.announce("ready");
    else if (!resumable) connection.announce("reset");
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
      for (const user_id of users) for (const its of connections.get(user_id) ?? []) its.whisper(event, data);
    },
    get size() {
      return size;
    },
    close() {
      closed = true;
      for (const connection of [...every()]) connection.dismiss("shutting_down", spread());
      watcher?.stop();
    },
  };
}

/** How long a client waits when the process stops: from 2 s, in which it may start again, up to 10 s; milliseconds. */
function spread(): number {
  return Math.round(2_000 + Math.random() * 8_000);
}
