import type { Logger } from "@stoa/http";
import type { DamagedEvent, Standstill } from "@stoa/journal";
import type { Feed } from "./feed.ts";
import type { FeedName, Places } from "./position.ts";

/** How often a row that could not be read is looked at again; milliseconds. */
const LOOK_MS = 5_000;

/** What it needs. */
export interface DamageOptions {
  readonly log: Pick<Logger, "warn">;
  readonly standstill?: Standstill;
  /** How often a row that could not be read is looked at again; 5,000 milliseconds unless given. */
  readonly lookMs?: number;
}

/**
 * A row that streams cannot read. They go on after it once their clients have read everything anew; who has a position before
 * it is told `reset` for as long as it cannot be read.
 */
export class Damage {
  #found: { readonly feed: Feed; readonly seq: number } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly feeds: readonly Feed[],
    private readonly options: DamageOptions,
  ) {}

  /** Notes what could not be read. The last such row counts, for nobody reads past it. */
  note(error: DamagedEvent): void {
    const feed = this.feeds.find(({ name }) => name === (error.service === "messaging" ? "events" : "work"));
    if (!feed) return;
    this.options.standstill?.at(error);
    this.#found = { feed, seq: error.seq };
    this.#timer ??= setInterval(() => void this.#look(), this.options.lookMs ?? LOOK_MS);
  }

  /** Whether it follows a position, so that a stream that goes on there would come to it. */
  isAfter(places: Readonly<Places>): boolean {
    if (!this.#found) return false;
    const { feed, seq } = this.#found;
    const names: readonly FeedName[] = feed.name === "events" ? ["events", "marks"] : [feed.name];
    return names.some((name) => places[name] < seq);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const { log, standstill } = this.options;
    const found = this.#found;
    try {
      if (!found || !(await found.feed.isLegible?.(found.seq)) || found !== this.#found) return;
      this.#found = undefined;
      this.stop();
      standstill?.over();
    } catch (error) {
      log.warn({ err: error }, "a row that cannot be read was not looked at again");
    }
  }
}
