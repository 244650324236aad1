import type { Envelope, ServiceName } from "@stoa/events";
import { Bell } from "../bell.ts";
import { Backoff } from "../pause.ts";
import { type Deliver, type EventSource, JournalChanged, type Log, type StartAt } from "../types.ts";
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

class Reader {
  /** The last sequence delivered; undefined until there is one when reading began at a time. */
  after: number | undefined;

  constructor(
    private readonly service: ServiceName,
    private readonly link: NatsLink,
    private readonly start: StartAt,
    private readonly deliver: Deliver,
    private readonly signal: AbortSignal,
    private readonly behind: ((events: number) => void) | undefined,
  ) {
    this.after = "after" in start ? start.after : undefined;
  }

  /** Reads through one consumer until it breaks, a message is missing, or the signal aborts. */
  async read(): Promise<void> {
    const { link, service, signal } = this;
    await this.#checkJournal();
    const begin =
      this.after === undefined && "since" in this.start ? { since: this.start.since } : { after: this.after ?? 0 };
    const pull = await Pull.open(link, streamOf(service), pullStart(begin));
    const deaf = link.onChange(() => pull.break("The connection was lost."));
    try {
      if (pull.pending === 0) this.behind?.(0);
      while (!signal.aborted) await this.#take(await pull.next(100, signal));
    } finally {
      deaf();
      pull.close();
    }
  }

  /** A stream that ends before the cursor may be another journal's, which would go unnoticed: nothing is delivered. */
  async #checkJournal(): Promise<void> {
    if (!this.after || !this.start.journal_id) return;
    const jsm = await this.link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
    const head = await headOf(jsm, this.service);
    if (!head || head.last === 0 || head.last > this.after) return;
    const event = await eventAt(jsm, this.service, head.last);
    if (event) this.#sameJournal(event);
  }

  async #take(pulled: readonly Pulled[]): Promise<void> {
    const events: Envelope[] = [];
    let after = this.after;
    for (const { sequence, payload } of pulled) {
      const event = decode(payload);
      this.#sameJournal(event);
      if (event.sequence !== sequence) {
        throw new PullBroken(`Stream sequence ${sequence} carries event ${event.sequence}.`);
      }
      // When the start lies beyond the end of a stream, JetStream delivers the next message, however low its sequence.
      if (after !== undefined && sequence <= after) continue;
      if (after !== undefined && sequence !== after + 1) {
        throw new PullBroken(`Sequence ${sequence} came after ${after}.`);
      }
      after = sequence;
      events.push(event);
    }
    if (events.length > 0) await this.#deliver(events);
    this.after = after;
    const last = pulled.at(-1);
    if (last) this.behind?.(last.pending);
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
    if (followed && followed !== event.journalid) throw new JournalChanged(this.service, followed, event.journalid);
  }
}
