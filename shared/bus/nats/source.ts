import type { Envelope, ServiceName } from "@stoa/events";
import { DamagedEvent } from "@stoa/journal";
import { Backoff } from "../backoff.ts";
import { Bell } from "../bell.ts";
import { type Behind, type Deliver, type EventSource, JournalChanged, type Log, type StartAt } from "../types.ts";
import { Disconnected, type NatsLink, reasonOf } from "./link.ts";
import { eventIn } from "./message.ts";
import { Pull, PullBroken, type Pulled, pullStart } from "./pull.ts";
import { eventAt, headOf, requestMs, streamOf } from "./stream.ts";

/** Wraps an error that the caller's `deliver` threw, to tell it from errors of reading. */
class Delivery extends Error {
  override readonly name = "Delivery";
}

/** Reads a service's stream. It goes on after lost connections and restarts, and after a stream was refilled. */
export function streamSource(service: ServiceName, link: NatsLink, log: Log): EventSource {
  return {
    service,
    async follow(start, deliver, signal, behind) {
      const reader = new Reader(service, link, start, deliver, signal, behind);
      const backoff = new Backoff(100, 1_000);
      const changed = new Bell();
      const deaf = link.onChange(changed.ring);
      let told = false;
      try {
        while (!signal.aborted) {
          const before = reader.after;
          try {
            await reader.read();
          } catch (error) {
            if (error instanceof Delivery) throw error.cause;
            if (error instanceof JournalChanged || error instanceof DamagedEvent) throw error;
            if (!told && !(error instanceof Disconnected)) {
              log.warn({ service, reason: reasonOf(error) }, "A stream cannot be read now; this is tried again.");
              told = true;
            }
          }
          if (reader.after !== before) {
            backoff.reset();
            told = false;
          }
          if (!link.connected) await changed.wait(1_000, signal);
          else await backoff.wait(signal);
        }
      } finally {
        deaf();
      }
    },
  };
}

/** How long a stream may lack what the reader needs without growing, because its relay may be filling it again. */
const refillMs = 3_000;

class Reader {
  /** The last sequence delivered; undefined until there is one when reading began at a time. */
  after: number | undefined;
  /** The event at `after`; null or undefined when it is not known. */
  #event_id: string | null | undefined;
  /** Whether the event at `after` was read, so that it is looked at again first. */
  #compares = true;
  /** The sequence that the consumer must deliver next; undefined when any may come. */
  #next: number | undefined;
  /** Where a stream ended that ended before `after`, and since when (milliseconds). */
  #short: { readonly end: number; readonly since: number } | undefined;
  /** The message that is missing before one that came, and since when (milliseconds). */
  #gap: { readonly at: number; readonly since: number } | undefined;

  constructor(
    private readonly service: ServiceName,
    private readonly link: NatsLink,
    private readonly start: StartAt,
    private readonly deliver: Deliver,
    private readonly signal: AbortSignal,
    private readonly behind: Behind | undefined,
  ) {
    if (!("after" in start)) return;
    this.after = start.after;
    this.#event_id = start.event_id;
    this.#compares = start.event_id !== undefined;
  }

  /**
   * Reads through one consumer until it breaks, a message is missing, or the signal aborts. It begins with the event
   * that was delivered last, because a stream that was filled again may carry another one there.
   */
  async read(): Promise<void> {
    const { after, link, service, signal, start } = this;
    if (after && !(await this.#reaches(after))) return;
    const from = after === undefined || !this.#compares ? after : Math.max(0, after - 1);
    const begin = from === undefined && "since" in start ? { since: start.since } : { after: from ?? 0 };
    const pull = await Pull.open(link, streamOf(service), pullStart(begin));
    this.#next = from === undefined ? undefined : from + 1;
    const deaf = link.onChange(() => pull.break("The connection was lost."));
    try {
      if (pull.pending === 0) this.behind?.(0, !after);
      while (!signal.aborted) await this.#take(await pull.next(100, signal));
    } finally {
      deaf();
      pull.close();
    }
  }

  /** Whether the stream has the event that was delivered last. A stream that is being filled again soon has it. */
  async #reaches(after: number): Promise<boolean> {
    const jsm = await this.link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
    const head = await headOf(jsm, this.service);
    const end = head?.last ?? 0;
    if (end >= after) {
      this.#short = undefined;
      return true;
    }
    const event = end > 0 ? await eventAt(jsm, this.service, end) : undefined;
    if (event) this.#sameJournal(event);
    if (!this.#short || this.#short.end !== end) this.#short = { end, since: performance.now() };
    if (performance.now() - this.#short.since > refillMs) throw JournalChanged.ended(this.service, end, after);
    this.behind?.(0, false);
    return false;
  }

  async #take(pulled: readonly Pulled[]): Promise<void> {
    const events: Envelope[] = [];
    const left = pulled.at(-1)?.pending;
    for (const [index, { sequence, payload }] of pulled.entries()) {
      // A message may be missing, or the stream has become shorter since: JetStream then delivers whatever comes next.
      if (sequence !== (this.#next ?? sequence)) {
        await this.#passOn(events);
        throw this.#outOfOrder(sequence, this.#next ?? 1);
      }
      this.#next = sequence + 1;
      try {
        const event = eventIn(this.service, sequence, payload);
        this.#sameJournal(event);
        if (sequence === this.after) this.#sameEvent(event);
        else events.push(event);
      } catch (error) {
        if (!(error instanceof DamagedEvent)) throw error;
        // Which event it was is not known.
        if (sequence === this.after && !this.#event_id) continue;
        await this.#passOn(events);
        // Whoever wanted no more than what stands before it is done.
        if (this.signal.aborted) return;
        this.behind?.((left ?? 0) + pulled.length - index, false);
        throw error;
      }
    }
    await this.#passOn(events);
    if (left !== undefined) this.behind?.(left, true);
  }

  async #passOn(events: readonly Envelope[]): Promise<void> {
    const last = events.at(-1);
    if (!last) return;
    this.#gap = undefined;
    await this.#deliver(events);
    this.after = last.sequence;
    this.#event_id = last.id;
    this.#compares = true;
  }

  /** Reading begins again; when a message stays away, nobody makes the stream whole. */
  #outOfOrder(sequence: number, expected: number): PullBroken | DamagedEvent {
    if (sequence > expected) {
      if (this.#gap?.at !== expected) this.#gap = { at: expected, since: performance.now() };
      if (performance.now() - this.#gap.since > refillMs) {
        return new DamagedEvent({ service: this.service, seq: expected, in: "stream" }, "missing");
      }
    }
    return new PullBroken(`Sequence ${sequence} came after ${expected - 1}.`);
  }

  async #deliver(events: readonly Envelope[]): Promise<void> {
    try {
      await this.deliver(events);
    } catch (error) {
      throw new Delivery("The reader failed.", { cause: error });
    }
  }

  #sameJournal(event: Envelope): void {
    const followed = this.start.journal_id;
    if (followed && followed !== event.journalid) {
      throw JournalChanged.anotherJournal(this.service, followed, event.journalid);
    }
  }

  #sameEvent(event: Envelope): void {
    if (event.id !== (this.#event_id ?? event.id)) throw JournalChanged.anotherEvent(this.service, event.sequence);
  }
}
