import type { Envelope, ServiceName } from "@stoa/events";
import { Backoff } from "../backoff.ts";
import { Bell } from "../bell.ts";
import { type Behind, type Deliver, type EventSource, JournalChanged, type Log, type StartAt } from "../types.ts";
import { Disconnected, type NatsLink, reasonOf } from "./link.ts";
import { Pull, PullBroken, type Pulled, pullStart } from "./pull.ts";
import { decode, eventAt, headOf, requestMs, streamOf } from "./stream.ts";

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
            if (error instanceof JournalChanged) throw error;
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

/** How long a stream may end before the reader's place without growing, because its relay may be filling it again. */
const refillMs = 3_000;

class Reader {
  /** The last sequence delivered; undefined until there is one when reading began at a time. */
  after: number | undefined;
  /** The event at `after`; null or undefined when it is not known. */
  #event_id: string | null | undefined;
  /** The sequence that the consumer must deliver next; undefined when any may come. */
  #next: number | undefined;
  /** Where a stream ended that ended before `after`, and since when (milliseconds). */
  #short: { readonly end: number; readonly since: number } | undefined;

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
  }

  /**
   * Reads through one consumer until it breaks, a message is missing, or the signal aborts. It begins with the event
   * that was delivered last, because a stream that was filled again may carry another one there.
   */
  async read(): Promise<void> {
    const { after, link, service, signal, start } = this;
    if (after && !(await this.#reaches(after))) return;
    const from = after === undefined ? undefined : Math.max(0, after - 1);
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
    for (const { sequence, payload } of pulled) {
      const event = decode(payload);
      this.#sameJournal(event);
      if (event.sequence !== sequence) {
        throw new PullBroken(`Stream sequence ${sequence} carries event ${event.sequence}.`);
      }
      // A message may be missing, or the stream has become shorter since: JetStream then delivers whatever comes next.
      if (sequence !== (this.#next ?? sequence)) {
        throw new PullBroken(`Sequence ${sequence} came after ${(this.#next ?? 1) - 1}.`);
      }
      this.#next = sequence + 1;
      if (sequence === this.after) this.#sameEvent(event);
      else events.push(event);
    }
    const last = events.at(-1);
    if (last) {
      await this.#deliver(events);
      this.after = last.sequence;
      this.#event_id = last.id;
    }
    const pending = pulled.at(-1)?.pending;
    if (pending !== undefined) this.behind?.(pending, true);
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
