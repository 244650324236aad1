import { breathe, type Database, DatabaseError, sql } from "@stoa/db";
import type { EventName, ServiceName } from "@stoa/events";
import { subjectOf } from "@stoa/events";
import { envelopeOf, type JournalRow, journalId, lastSeq } from "@stoa/journal";
import { ErrorCode, type JetStreamManager, type NatsConnection, NatsError } from "nats";
import { describeFailure } from "../dead-letter.ts";
import type { RelayStatus } from "../health.ts";
import { journalPage } from "../journal-page.ts";
import { Backoff, Bell } from "../pause.ts";
import type { Log } from "../types.ts";
import { Disconnected, type NatsLink, reasonOf } from "./link.ts";
import { carriesRedacted, redactionsMs } from "./redacted.ts";
import { createStream, deleteStream, eventAt, headOf, requestMs, streamOf } from "./stream.ts";

/** Rows on their way to the broker at a time. */
const window = 256;
/** How often the journal is looked at when nothing rings, and the stream when nothing is published; milliseconds. */
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
  /** Copies that the cluster keeps of a stream this relay makes; 1 unless given. */
  readonly replicas?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The stream and the journal disagree: an operator has to say which is right. */
class Diverged extends Error {
  override readonly name = "Diverged";
}

/**
 * Starts copying row _n_ to stream sequence _n_. It keeps no state: the stream's last sequence says where to go on,
 * and the broker refuses duplicates, gaps and a second relay. Never throws: what goes wrong stands in `status()` and
 * the log, and is tried again.
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
  /** The last sequence known to be in the stream. */
  #at = 0;
  #lag = 0;
  #stopped: string | undefined;
  #told: string | undefined;

  constructor(private readonly options: RelayOptions) {}

  status(): RelayStatus {
    return { lag: this.#lag, ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }) };
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
        this.#failed(error);
      }
      if (link.connected) await backoff.wait(signal);
      else await this.#bell.wait(pollMs, signal);
    }
    for (const stop of deaf) stop();
  }

  /** Publishes from the stream's end on, until the broker refuses or the connection drops. Returns whether it could. */
  async #copy(nc: NatsConnection): Promise<boolean> {
    const { db, link, log, service } = this.options;
    const { signal } = this.stopping;
    const jsm = await nc.jetstreamManager({ timeout: requestMs, checkAPI: false });
    const journal = await journalId(db);
    const began = await this.#begin(jsm, journal);
    this.#at = began;
    if (this.#stopped ?? this.#told) log.info({ service, at: began }, "The relay goes on.");
    this.#stopped = undefined;
    this.#told = undefined;
    const lookForRedactions = performance.now() + redactionsMs;
    for (let looked = performance.now(); !signal.aborted && link.connected; ) {
      if (performance.now() >= lookForRedactions) return true;
      const rows = await journalPage(db, this.#at, window);
      const last = rows.at(-1);
      if (!last) {
        this.#lag = 0;
        if (performance.now() - looked > lookMs) {
          const head = await headOf(jsm, service);
          if (head?.last !== this.#at || !head.whole) break;
          looked = performance.now();
        }
        await this.#bell.wait(pollMs, signal);
        continue;
      }
      if (rows[0]?.seq !== this.#at + 1) throw new Diverged(`Row ${this.#at + 1} of ${service}'s journal is missing.`);
      this.#lag = (await lastSeq(db)) - this.#at;
      if (!(await this.#publish(nc, journal, rows))) break;
      this.#at = last.seq;
      this.#lag -= rows.length;
      looked = performance.now();
      await breathe();
    }
    return this.#at > began;
  }

  /** Where to go on: the stream's last sequence, once stream and journal are known to agree there. */
  async #begin(jsm: JetStreamManager, journal: string): Promise<number> {
    const { db, log, now = Date.now, service } = this.options;
    const head = await headOf(jsm, service);
    if (!head?.whole) {
      log.warn({ service }, "The stream is missing or has holes; making it anew from the journal.");
      return this.#makeAnew(jsm);
    }
    if (head.last === 0) return 0;
    const event = await eventAt(jsm, service, head.last);
    const [row] = await db.query<{ event_id: string }>(sql`select event_id from journal where seq = ${head.last}`);
    if (!row) throw new Diverged(`The stream ${streamOf(service)} is ahead of the journal (${head.last}).`);
    if (event && (event.id !== row.event_id || event.journalid !== journal)) {
      throw new Diverged(`The stream ${streamOf(service)} carries another event at ${head.last} than the journal.`);
    }
    if (!(await carriesRedacted(db, head, now()))) return head.last;
    log.info({ service }, "Events in the stream were redacted in the journal; making it anew.");
    return this.#makeAnew(jsm);
  }

  async #makeAnew(jsm: JetStreamManager): Promise<number> {
    const { replicas, service } = this.options;
    await deleteStream(jsm, service);
    await createStream(jsm, service, replicas);
    return 0;
  }

  async #publish(nc: NatsConnection, journal: string, rows: readonly JournalRow[]): Promise<boolean> {
    const { service } = this.options;
    const js = nc.jetstream({ timeout: requestMs });
    const acks = await Promise.allSettled(
      rows.map((row) =>
        js.publish(subjectOf(service, row.type as EventName), JSON.stringify(envelopeOf(service, journal, row)), {
          expect: { lastSequence: row.seq - 1, streamName: streamOf(service) },
        }),
      ),
    );
    const refused = acks.find((ack) => ack.status === "rejected");
    if (refused && !isOutOfDate(refused.reason)) throw refused.reason;
    return acks.every((ack, index) => ack.status === "fulfilled" && ack.value.seq === rows[index]?.seq);
  }

  #failed(error: unknown): void {
    const { log, service } = this.options;
    if (error instanceof Disconnected) return;
    if (error instanceof Diverged) {
      const reason = `${error.message} Nothing is published until you run \`bun run events rebuild --stream ${service}\`.`;
      if (reason !== this.#stopped) log.error({ service }, reason);
      this.#stopped = reason;
      return;
    }
    const reason = error instanceof DatabaseError ? describeFailure(error) : reasonOf(error);
    if (reason !== this.#told) log.warn({ service, reason }, "Events cannot be published now; trying again.");
    this.#told = reason;
  }
}

/** Whether a refusal means that the stream is not as it was: another relay filled it, or it is gone. */
function isOutOfDate(error: unknown): boolean {
  if (!(error instanceof NatsError)) return false;
  const wrongLastSequence = 10071;
  return error.api_error?.err_code === wrongLastSequence || error.code === ErrorCode.NoResponders;
}
