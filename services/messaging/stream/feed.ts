import type { FeedName } from "./position.ts";
import type { StreamRow } from "./rows.ts";

/** One event, and what each of its receivers gets: JSON. */
export interface Delivery {
  /** Its place in its feed. */
  readonly seq: number;
  readonly type: string;
  readonly to: ReadonlyMap<string, string>;
}

/** Where a feed ends. */
export interface Head {
  /** The name of the journal that its places are places in. */
  readonly journal: string;
  readonly last: number;
}

/** Where to read a feed. */
export interface Span {
  /** The name of the journal that `after` is a place in. */
  readonly journal: string;
  readonly after: number;
  /** The last place to read; without bounds when absent. */
  readonly upTo?: number;
}

/** What a feed has in a span. */
export interface Stretch {
  readonly journal: string;
  readonly deliveries: readonly Delivery[];
  /** The place up to which there is nothing else. */
  readonly end: number;
  /** Whether there may be something after it. */
  readonly more: boolean;
  /** The rows of messaging's journal that it is made of, where more follows from them than their deliveries. */
  readonly rows?: readonly StreamRow[];
}

/** One of the sequences of events that streams are made of, in a database that all instances share. */
export interface Feed {
  readonly name: FeedName;
  /** Another feed of the same journal, which this one never overtakes. */
  readonly behind?: FeedName;
  /** How long it rests after it had something; milliseconds. */
  readonly restMs?: number;
  /** Where it ends; absent where that is where the one before it ends. */
  head?(): Promise<Head>;
  /** Whether a row that could not be read can be by now; absent where the feed before it reads the same rows. */
  isLegible?(seq: number): Promise<boolean>;
  /**
   * Reads the next rows and finds their receivers.
   *
   * @param users those who listen; nothing is made for others
   * @throws PlaceLost
   * @throws DamagedEvent at a row that cannot be read, when none stands before it
   */
  read(span: Span, users: ReadonlySet<string>): Promise<Stretch>;
  /** Reads the next rows that may concern one user, for a stream that catches up. @throws PlaceLost, DamagedEvent */
  readFor(user_id: string, span: Span & { readonly upTo: number }): Promise<Stretch>;
}

/** A place that is not one any more, or after which not everything is there: reading on would leave out events. */
export class PlaceLost extends Error {
  override readonly name = "PlaceLost";
}
