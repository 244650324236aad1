import type { Database } from "@stoa/db";
import type { Logger } from "@stoa/http";
import { DamagedEvent } from "@stoa/journal";
import { catchingUp } from "./catch-up.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Damage } from "./damage.ts";
import { Deltas } from "./deltas.ts";
import { type Feed, PlaceLost } from "./feed.ts";
import { Parcels } from "./parcels.ts";
import { type FeedName, type Journals, noJournal, type Places } from "./position.ts";

/** Where the feeds end, and in which journals. */
export interface Ends {
  readonly journals: Journals;
  readonly last: Readonly<Places>;
}

/** What a reader needs. */
export interface ReaderOptions {
  readonly db: Database;
  readonly feeds: readonly Feed[];
  readonly connections: Connections;
  readonly damage: Damage;
  readonly log: Pick<Logger, "warn">;
  /** How many rows of a feed a client may be behind and still resume. */
  readonly maxBehind: number;
  /** Up to how many rows of each feed a client may be behind to catch up together with others. */
  readonly nearRows: number;
  /** Calls `pump` in so many milliseconds: a feed rests until then. */
  readonly later: (ms: number) => void;
}

/**
 * The one reader of each feed in a process. It resolves the receivers once for a batch and gives each live connection what is
 * for it, in the order of the feed.
 */
export class Reader {
  /** The text of answers under way. */
  readonly deltas: Deltas;
  /** Takes a connection off the reader, until it has caught up from the database. */
  readonly catchUp: (connection: Connection) => void;
  readonly #options: ReaderOptions;
  /** The journals that the places are in. */
  #journals: Journals = { events: noJournal, work: noJournal };
  /** The last row of each feed that was given to the connections. */
  readonly #places: Places = { events: 0, marks: 0, work: 0 };
  /** When a feed that rests may be read again, by the clock of `performance`. */
  readonly #rests = new Map<FeedName, number>();
  #pumping = false;
  #again = false;

  constructor(options: ReaderOptions) {
    const { db, feeds, connections, damage, nearRows, log } = options;
    this.#options = options;
    this.deltas = new Deltas(db, () => connections);
    this.catchUp = catchingUp({
      feeds,
      places: this.#places,
      journalOf: (feed) => this.#journalOf(feed),
      nearRows,
      log,
      onDamage: (error) => damage.note(error),
      // It may lack the text of answers under way.
      onLive: () => {
        if (this.deltas.waiting) void this.pump();
      },
    });
  }

  get journals(): Journals {
    return this.#journals;
  }

  /** Whether it is reading. */
  get pumping(): boolean {
    return this.#pumping;
  }

  /** Reads until there is nothing more. Whoever calls meanwhile makes it look once more. */
  async pump(): Promise<void> {
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    const { connections, feeds, log } = this.#options;
    try {
      while (this.#again && connections.size > 0) {
        this.#again = false;
        for (const feed of feeds) {
          if (await this.#step(feed).catch((error: unknown) => this.#beginAnew(error))) this.#again = true;
        }
        if (!this.#again) await this.deltas.pump();
      }
    } catch (error) {
      // The next write or poll tries again, from the same places.
      log.warn({ err: error }, "streams cannot read the journal");
    } finally {
      this.#pumping = false;
    }
  }

  /** Where the feeds end, and in which journals. */
  async heads(): Promise<Ends> {
    const { feeds } = this.#options;
    const ends = await Promise.all(feeds.map(async (feed) => [feed.name, await feed.head?.()] as const));
    const head = new Map(ends);
    const [events, work] = [head.get("events"), head.get("work")];
    return {
      journals: { events: events?.journal ?? noJournal, work: work?.journal ?? noJournal },
      last: { events: events?.last ?? 0, marks: events?.last ?? 0, work: work?.last ?? 0 },
    };
  }

  /** Goes on from there. */
  goTo({ journals, last }: Ends): void {
    this.#journals = journals;
    Object.assign(this.#places, last);
  }

  /** Gives one batch of a feed to the connections. Returns whether there may be more. */
  async #step(feed: Feed): Promise<boolean> {
    const { connections, later } = this.#options;
    const [places, { name }] = [this.#places, feed];
    if (feed.behind && places[name] >= places[feed.behind]) return false;
    const rest = (this.#rests.get(name) ?? 0) - performance.now();
    if (rest > 0) {
      later(rest);
      return false;
    }
    const { users } = connections;
    const upTo = feed.behind && { upTo: places[feed.behind] };
    const {
      journal,
      deliveries,
      end,
      more,
      rows = [],
    } = await feed.read({ journal: this.#journalOf(feed), after: places[name], ...upTo }, users);
    if (!feed.behind) this.#journals = { ...this.#journals, [name]: journal };
    if (deliveries.length > 0 && feed.restMs) this.#rests.set(name, performance.now() + feed.restMs);
    if (end === places[name]) return more;
    // An answer that has ended begins a batch: its streams get first what they lack of its text.
    const ended = rows.flatMap(({ type, entity_id }) => (type === "message.completed" ? [entity_id] : []));
    if (ended.length > 0) await this.deltas.finish(ended);
    this.deltas.notice(rows);
    const parcels = new Parcels(deliveries);
    places[name] = end;
    this.deltas.forget(rows);
    for (const connection of connections) this.#give(connection, name, parcels, end, users);
    return more;
  }

  /** @param users those for whom the parcels were made */
  #give(connection: Connection, name: FeedName, parcels: Parcels, end: number, users: ReadonlySet<string>): void {
    const { user_id } = connection.listener;
    if (!connection.live) {
      // So slow a reader would fall behind ever further: the stream ends, and its client starts anew.
      if (end - connection.places[name] > 2 * this.#options.maxBehind) connection.outbox.end("too_slow");
      return;
    }
    // It was opened while receivers were being resolved, so nothing was made for it, or it is slower than the batch.
    if (!users.has(user_id) || !connection.take(name, parcels.of(user_id), end)) this.catchUp(connection);
  }

  /**
   * When a feed has no longer what follows the reader's place, or it cannot be read, all connections end, and their clients are
   * told `reset`: going on would leave out events.
   */
  async #beginAnew(error: unknown): Promise<boolean> {
    const { connections, damage, log } = this.#options;
    if (error instanceof DamagedEvent) damage.note(error);
    else if (!(error instanceof PlaceLost)) throw error;
    log.warn({ reason: error.message }, "streams begin anew");
    for (const connection of [...connections]) connection.outbox.end("unavailable");
    this.goTo(await this.heads());
    return true;
  }

  #journalOf(feed: Feed): string {
    return feed.name === "work" ? this.#journals.work : this.#journals.events;
  }
}
