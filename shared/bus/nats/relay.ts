import { breathe, type Database, DatabaseError } from "@stoa/db";
import { type Envelope, nameOf, type ServiceName, subjectOf } from "@stoa/events";
import { DamagedEvent, envelopesOf, eventIdAt, journalId, journalPage, lastSeq } from "@stoa/journal";
import { ErrorCode, type JetStreamManager, type NatsConnection, NatsError } from "nats";
import { Backoff } from "../backoff.ts";
import { Bell } from "../bell.ts";
import { describeFailure } from "../dead-letter.ts";
import type { RelayStatus } from "../health.ts";
import { damageLine } from "../stop-line.ts";
import type { Log } from "../types.ts";
import { chained, chainHeaders, chainStart } from "./chain.ts";
import { forkOf } from "./fork.ts";
import { Disconnected, type NatsLink, reasonOf } from "./link.ts";
import { carriesRedacted, redactionsMs } from "./redacted.ts";
import {
  chainAt,
  createStream,
  deleteStream,
  eventAt,
  headOf,
  lastEvent,
  replicate,
  requestMs,
  type StreamHead,
  streamOf,
} from "./stream.ts";

/** How many rows are on their way to NATS at a time. */
const window = 256;
/** Milliseconds after which the journal is read when no write wakes the relay, and after which the stream is looked at. */
const pollMs = 250;
const lookMs = 2_000;

/** Copies a journal to its stream, for as long as the process lives. */
export interface Relay {
  status(): RelayStatus;
  stop(): Promise<void>;
}

/** What a relay needs. */
export interface RelayOptions {
  readonly service: ServiceName;
  readonly db: Database;
  readonly link: NatsLink;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The stream and the journal disagree, and an operator has to decide which is right. */
class Diverged extends Error {
  override readonly name = "Diverged";
}

/**
 * Starts copying row _n_ to stream sequence _n_. It keeps no state: the stream's last sequence says where to go on,
 * and NATS refuses duplicates, gaps and a second relay. It never throws: `status()` and the log say what goes wrong,
 * and the relay tries again.
 */
export function startRelay(options: RelayOptions): Relay {
  const relay = new Copying(options);
  const running = relay.run();
  return {
    status: () => relay.status(),
    stop: () => {
      relay.stopping.abort();
      return running;
    },
  };
}

class Copying {
  readonly stopping = new AbortController();
  readonly #bell = new Bell();
  /** The last sequence known to be in the stream, and the event there. */
  #at = 0;
  #event_id: string | undefined;
  /** The chain of the events in the stream; undefined when an earlier relay has not chained them. */
  #chain: string | undefined;
  /** Where the stream begins to differ from the journal, as far as that was looked for. */
  #fork: { readonly of: string; readonly reason: string } | undefined;
  #lag = 0;
  #stopped: string | undefined;
  #told: string | undefined;
  /** Why the cluster does not keep the stream on as many servers as it should. */
  #few: string | undefined;

  constructor(private readonly options: RelayOptions) {}

  status(): RelayStatus {
    const stopped = this.#stopped ?? (this.#told && `Events cannot be published now: ${this.#told}.`);
    if (stopped === undefined) return { lag: this.#lag };
    // Where it stands still there is something before it, although how much may not be known.
    return { lag: this.#stopped === undefined ? this.#lag : Math.max(1, this.#lag), stopped };
  }

  async run(): Promise<void> {
    const { db, link } = this.options;
    const { signal } = this.stopping;
    const backoff = new Backoff(100, 2_000);
    const deaf = [db.onWrite(this.#bell.ring), link.onChange(this.#bell.ring)];
    while (!signal.aborted) {
      try {
        if (!link.connected) this.#lag = Math.max(0, (await lastSeq(db)) - this.#at);
        if (await this.#copy(link.connection())) backoff.reset();
      } catch (error) {
        this.#failed(await this.#located(error));
      }
      if (link.connected) await backoff.wait(signal);
      else await this.#bell.wait(pollMs, signal);
    }
    for (const stop of deaf) stop();
  }

  /** Publishes from the stream's end on, until NATS refuses or the connection drops. Returns whether it published any. */
  async #copy(nc: NatsConnection): Promise<boolean> {
    const { db, link, service } = this.options;
    const { signal } = this.stopping;
    const jsm = await nc.jetstreamManager({ timeout: requestMs, checkAPI: false });
    const journal = await journalId(db);
    const began = await this.#begin(jsm, journal);
    const lookForRedactions = performance.now() + redactionsMs;
    for (let looked = performance.now(); !signal.aborted && link.connected; ) {
      if (performance.now() >= lookForRedactions) return true;
      if (performance.now() - looked > lookMs) {
        const head = await headOf(jsm, service);
        if (head?.last !== this.#at || !head.whole) break;
        looked = performance.now();
      }
      const page = await journalPage(db, this.#at, window);
      if (page.journal_id !== journal) break;
      this.#stillAgree(page.event_id);
      this.#lag = page.end - this.#at;
      const { events, damaged } = envelopesOf(service, journal, this.#at, page.rows);
      const last = events.at(-1);
      if (!last) {
        if (damaged) throw damaged;
        this.#goesOn();
        await this.#bell.wait(pollMs, signal);
        continue;
      }
      const chains = chainsOf(this.#chain, events);
      if (!(await this.#publish(nc, events, chains))) break;
      this.#stand(last.sequence, last.id, chains?.at(-1));
      this.#lag -= events.length;
      this.#goesOn();
      await breathe();
    }
    return this.#at > began;
  }

  /** Takes notice that the journal can be read and the stream takes it. */
  #goesOn(): void {
    const { log, service } = this.options;
    if (this.#stopped ?? this.#told) log.info({ service, at: this.#at }, "The relay is publishing again.");
    this.#stopped = undefined;
    this.#told = undefined;
  }

  /** Finds where to go on, after checking that stream and journal agree there. Returns the stream's last sequence. */
  async #begin(jsm: JetStreamManager, journal: string): Promise<number> {
    const { db, log, now = Date.now, service } = this.options;
    const head = await headOf(jsm, service);
    if (!head?.whole) {
      await this.#mayRefill(jsm, head, journal);
      log.warn({ service }, "The stream is missing or has gaps; it is made again from the journal.");
      return this.#makeAnew(jsm);
    }
    await this.#replicated(jsm, head);
    if (head.last === 0) return this.#stand(0, undefined, chainStart.chain);
    const event_id = await eventIdAt(db, head.last);
    if (event_id === undefined) throw this.#ahead(head.last);
    const event = await eventAt(jsm, service, head.last);
    if (event && (event.id !== event_id || event.journalid !== journal)) throw this.#diverged(head.last);
    this.#stand(head.last, event_id, await chainAt(jsm, service, head.last));
    if (!(await carriesRedacted(db, head, now()))) return head.last;
    log.info({ service }, "Events in the stream were redacted in the journal; the stream is made again.");
    return this.#makeAnew(jsm);
  }

  /** Lets as many servers keep the stream as was said. While the cluster has too few, it stays with those that it has. */
  async #replicated(jsm: JetStreamManager, head: StreamHead): Promise<void> {
    const { link, log, service } = this.options;
    const { replicas = head.replicas } = link;
    if (replicas === head.replicas) return;
    try {
      await replicate(jsm, service, replicas);
      this.#few = undefined;
      log.info({ service, replicas }, "The cluster keeps the stream on another number of servers now.");
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== this.#few)
        log.warn(
          { service, replicas, reason },
          "The cluster cannot keep the stream on so many servers now; this is tried again.",
        );
      this.#few = reason;
    }
  }

  /**
   * Refuses to fill a stream again from a journal that lacks events which the stream had, because consumers may have
   * applied them.
   */
  async #mayRefill(jsm: JetStreamManager, head: StreamHead | undefined, journal: string): Promise<void> {
    const { db, service } = this.options;
    if (this.#at > 0) this.#stillAgree(await eventIdAt(this.options.db, this.#at));
    if (!head) return;
    const end = await lastSeq(db);
    if (head.last > end) throw this.#ahead(head.last);
    const event = await lastEvent(jsm, service, head);
    if (!event) return;
    if (event.id !== (await eventIdAt(db, event.sequence)) || event.journalid !== journal) {
      throw this.#diverged(event.sequence);
    }
  }

  #stand(at: number, event_id: string | undefined, chain: string | undefined): number {
    this.#at = at;
    this.#event_id = event_id;
    this.#chain = chain;
    return at;
  }

  /** Compares the event that this relay last saw in the stream with the one that the journal has there now. */
  #stillAgree(event_id: string | undefined | null): void {
    if (this.#at === 0 || event_id === this.#event_id) return;
    throw event_id ? this.#diverged(this.#at) : this.#ahead(this.#at);
  }

  #ahead(at: number): Diverged {
    return new Diverged(`The stream ${streamOf(this.options.service)} is ahead of the journal (${at}).`);
  }

  #diverged(at: number): Diverged {
    const stream = streamOf(this.options.service);
    return new Diverged(`The stream ${stream} carries another event at ${at} than the journal.`);
  }

  async #makeAnew(jsm: JetStreamManager): Promise<number> {
    const { link, service } = this.options;
    await deleteStream(jsm, service);
    await createStream(jsm, service, link.replicas);
    return this.#stand(0, undefined, chainStart.chain);
  }

  async #publish(
    nc: NatsConnection,
    events: readonly Envelope[],
    chains: readonly string[] | undefined,
  ): Promise<boolean> {
    const { service } = this.options;
    const js = nc.jetstream({ timeout: requestMs });
    const acks = await Promise.allSettled(
      events.map((event, index) => {
        const chain = chains?.[index];
        return js.publish(subjectOf(service, nameOf(event)), JSON.stringify(event), {
          expect: { lastSequence: event.sequence - 1, streamName: streamOf(service) },
          ...(chain === undefined ? {} : { headers: chainHeaders(chain) }),
        });
      }),
    );
    const refused = acks.find((ack) => ack.status === "rejected");
    if (refused && !isOutOfDate(refused.reason)) throw refused.reason;
    return acks.every((ack, index) => ack.status === "fulfilled" && ack.value.seq === events[index]?.sequence);
  }

  /** The same error; when stream and journal disagree, with the first event that differs, which is looked for once. */
  async #located(error: unknown): Promise<unknown> {
    if (!(error instanceof Diverged)) return error;
    const { db, link, service } = this.options;
    try {
      if (this.#fork?.of !== error.message) {
        const fork = await forkOf(link, service, db);
        const where = fork ? ` They differ from event ${fork.after + 1} on.` : "";
        this.#fork = { of: error.message, reason: error.message + where };
      }
      return new Diverged(this.#fork.reason);
    } catch (failure) {
      return failure;
    }
  }

  #failed(error: unknown): void {
    const { log, service } = this.options;
    if (error instanceof Disconnected) return;
    const reason = this.#whyStopped(error);
    if (reason !== undefined) {
      if (reason !== this.#stopped) log.error({ service }, reason);
      this.#stopped = reason;
      return;
    }
    this.#told = this.#tell(error);
  }

  /** Why nothing is published until somebody does something; undefined when it may come right by itself. */
  #whyStopped(error: unknown): string | undefined {
    const { service } = this.options;
    if (error instanceof DamagedEvent) return damageLine(`the relay of ${service}`, error);
    if (!(error instanceof Diverged)) return undefined;
    return `${error.message} Nothing is published until you run \`bun run events accept ${service}\` (or \`bun run events rebuild --stream ${service}\` and then what it prints).`;
  }

  #tell(error: unknown): string {
    const { log, service } = this.options;
    const reason = error instanceof DatabaseError ? describeFailure(error) : reasonOf(error);
    if (reason !== this.#told) log.warn({ service, reason }, "Events cannot be published now; this is tried again.");
    return reason;
  }
}

/** The chain at each of these events; undefined when the one before them is not known. */
function chainsOf(before: string | undefined, events: readonly Envelope[]): string[] | undefined {
  if (before === undefined) return undefined;
  let chain = before;
  return events.map(({ id }) => {
    chain = chained(chain, id);
    return chain;
  });
}

/**
 * Whether a refusal means that the stream has changed: another relay published to it, or nobody listens on its subject
 * because it is gone. JetStream answers 503 too when it has no room for an event, but with an error of its own.
 */
function isOutOfDate(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  const wrongLastSequence = 10071;
  if (error.api_error) return error.api_error.err_code === wrongLastSequence;
  return error.code === ErrorCode.NoResponders;
}
