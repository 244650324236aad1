import type { Logger } from "@stoa/http";
import { DamagedEvent } from "@stoa/journal";
import type { Connection } from "./connection.ts";
import type { Feed } from "./feed.ts";
import { Parcels } from "./parcels.ts";
import type { Places } from "./position.ts";

/** What catching up needs of its hub. */
export interface CatchUpOptions {
  readonly feeds: readonly Feed[];
  /** The hub's places, which move. */
  readonly places: Readonly<Places>;
  /** The name of the journal that a feed's places are places in. */
  readonly journalOf: (feed: Feed) => string;
  /** Up to so many rows behind in each feed streams catch up together; who missed more reads alone what is for them. */
  readonly nearRows: number;
  /** A connection has reached the hub's places and is live. */
  readonly onLive: () => void;
  /** A row cannot be read: whoever comes again with a position before it has to begin anew. */
  readonly onDamage: (error: DamagedEvent) => void;
  readonly log: Pick<Logger, "warn">;
}

/** How long it rests after some have caught up together, so that more come together; milliseconds. */
const REST_MS = 20;

/**
 * Makes what brings streams that are behind to the hub's places. Those that missed little are served together: each feed
 * is read once for all of them, so that thousands that come back at the same moment cost little more than one.
 *
 * @returns takes a connection off the hub, until it has caught up
 */
export function catchingUp(options: CatchUpOptions): (connection: Connection) => void {
  const { feeds, places, journalOf, nearRows, onLive, onDamage, log } = options;
  let waiting: Connection[] = [];
  let running = false;

  async function runTogether(): Promise<void> {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      const cohort = waiting;
      waiting = [];
      await together(cohort);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    running = false;
  }

  /** Brings some to the hub's places, feed by feed. Who reads too slowly for it goes on alone. */
  async function together(cohort: readonly Connection[]): Promise<void> {
    const left = new Set(cohort);
    for (let next = firstBehind(left); next; next = firstBehind(left)) {
      const { feed, members } = next;
      const { name } = feed;
      try {
        const { deliveries, end } = await readFor(feed, members);
        const parcels = new Parcels(deliveries);
        for (const connection of members) {
          if (connection.take(name, parcels.of(connection.listener.user_id), end)) continue;
          left.delete(connection);
          void alone(connection);
        }
      } catch (error) {
        for (const connection of members) giveUp(connection, error);
      }
    }
  }

  /** The first feed in which some are behind, and which. Those that are not behind are live, and left out from now on. */
  function firstBehind(left: Set<Connection>) {
    const behind = Map.groupBy(left, (each) => (each.outbox.ended ? undefined : feedBehind(each)));
    for (const connection of behind.get(undefined) ?? []) {
      left.delete(connection);
      enliven(connection);
    }
    const feed = feeds.find((each) => behind.has(each));
    return feed && { feed, members: behind.get(feed) ?? [] };
  }

  /** The next batch of a feed for several. */
  async function readFor(feed: Feed, members: readonly Connection[]) {
    const { name } = feed;
    const after = members.reduce((least, each) => Math.min(least, each.places[name]), Number.POSITIVE_INFINITY);
    const upTo = places[name];
    const users = new Set(members.map(({ listener }) => listener.user_id));
    const { deliveries, end } = await feed.read({ journal: journalOf(feed), after, upTo }, users);
    // What follows the hub's place it gives to them itself.
    return { deliveries: deliveries.filter(({ seq }) => seq <= upTo), end: Math.min(end, upTo) };
  }

  async function alone(connection: Connection): Promise<void> {
    const { outbox, listener } = connection;
    try {
      for (let feed = feedBehind(connection); feed && !outbox.ended; feed = feedBehind(connection)) {
        const { name } = feed;
        const span = { journal: journalOf(feed), after: connection.places[name], upTo: places[name] };
        const { deliveries, end } = await feed.readFor(listener.user_id, span);
        if (!connection.take(name, new Parcels(deliveries).of(listener.user_id), end)) await outbox.room();
      }
      enliven(connection);
    } catch (error) {
      giveUp(connection, error);
    }
  }

  /** The first feed in which a stream has not reached the hub's place. */
  function feedBehind(connection: Connection): Feed | undefined {
    return feeds.find(({ name }) => connection.places[name] < places[name]);
  }

  function enliven(connection: Connection): void {
    connection.live = true;
    onLive();
  }

  /** Going on would leave out events: the client reconnects and resumes. */
  function giveUp(connection: Connection, error: unknown): void {
    if (error instanceof DamagedEvent) onDamage(error);
    log.warn({ err: error }, "a stream could not catch up");
    connection.outbox.end("unavailable");
  }

  return (connection) => {
    connection.live = false;
    if (!feedBehind(connection)) return enliven(connection);
    if (!feeds.every(({ name }) => places[name] - connection.places[name] <= nearRows)) return void alone(connection);
    waiting.push(connection);
    void runTogether();
  };
}
