import { AckPolicy, type ConsumerConfig, createInbox, DeliverPolicy, type Msg, type NatsConnection, nanos } from "nats";
import { Bell } from "../bell.ts";
import type { NatsLink } from "./link.ts";
import { requestMs } from "./stream.ts";

/** How many messages are requested at a time. */
const pullSize = 200;
/** The server sends a heartbeat every second; after this many milliseconds without one the reader gives up. */
const silenceMs = 3_500;

/** A message of the stream. */
export interface Pulled {
  /** Its sequence in the stream. */
  readonly sequence: number;
  /** How many messages the stream has after it. */
  readonly pending: number;
  readonly payload: Uint8Array;
}

/** The consumer, its stream or the server is gone, and reading must begin again with a new consumer. */
export class PullBroken extends Error {
  override readonly name = "PullBroken";
}

/** Where a consumer begins. */
export type PullStart = Pick<ConsumerConfig, "deliver_policy"> & Partial<ConsumerConfig>;

/** Begins at a sequence or a time. `deliver_policy: all` is not used, because a start sequence of 1 means the same. */
export function pullStart(start: { readonly after: number } | { readonly since: string }): PullStart {
  return "after" in start
    ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.after + 1 }
    : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.since };
}

/**
 * An ordered reader of a stream: an ephemeral consumer without acknowledgements that is read by pulls, so that at most
 * one pull is on its way or waiting. It is given up when anything goes wrong, and its successor begins after the last
 * message that was processed. (JetStream's client can restart ordered consumers by itself, but waits without bounds.)
 */
export class Pull {
  readonly #nc: NatsConnection;
  readonly #subject: string;
  readonly #inbox: string;
  readonly #queue: Pulled[] = [];
  readonly #bell = new Bell();
  #outstanding = 0;
  #heard = performance.now();
  #broken: string | undefined;
  #close: () => void = () => undefined;

  private constructor(
    nc: NatsConnection,
    subject: string,
    inbox: string,
    /** How many messages there were when the consumer was created. */
    readonly pending: number,
    private readonly expiresMs: number,
  ) {
    this.#nc = nc;
    this.#subject = subject;
    this.#inbox = inbox;
    const subscription = nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.break(error.message);
        else this.#take(message);
      },
    });
    this.#close = () => subscription.unsubscribe();
  }

  /**
   * @param expiresMs how long one pull waits for messages before the next one replaces it; milliseconds
   * @throws Disconnected, NatsError
   */
  static async open(link: NatsLink, stream: string, start: PullStart, expiresMs = 30_000): Promise<Pull> {
    const nc = link.connection();
    const jsm = await nc.jetstreamManager({ timeout: requestMs, checkAPI: false });
    const { name, num_pending } = await jsm.consumers.add(stream, {
      name: crypto.randomUUID(),
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(30_000),
      ...start,
    });
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`;
    return new Pull(nc, subject, createInbox(link.inboxPrefix), num_pending, expiresMs);
  }

  /**
   * Waits for at least one message and returns at most `limit`; none when the signal aborted.
   *
   * @throws PullBroken
   */
  async next(limit: number, signal: AbortSignal): Promise<Pulled[]> {
    while (!signal.aborted) {
      if (this.#broken !== undefined) throw new PullBroken(this.#broken);
      this.#ask();
      if (this.#queue.length > 0) return this.#queue.splice(0, limit);
      await this.#bell.wait(silenceMs, signal);
      if (performance.now() - this.#heard >= silenceMs) this.break("The server stopped sending heartbeats.");
    }
    return [];
  }

  /** Makes the present call of `next`, and every later one, throw PullBroken. */
  break(reason: string): void {
    this.#broken ??= reason;
    this.#bell.ring();
  }

  close(): void {
    this.#close();
  }

  #ask(): void {
    if (this.#outstanding > 0 || this.#queue.length > pullSize / 2) return;
    this.#outstanding = pullSize;
    this.#heard = performance.now();
    const request = { batch: pullSize, expires: nanos(this.expiresMs), idle_heartbeat: nanos(1_000) };
    this.#nc.publish(this.#subject, JSON.stringify(request), { reply: this.#inbox });
  }

  #take(message: Msg): void {
    this.#heard = performance.now();
    const code = message.headers?.code ?? 0;
    if (code === 0) {
      this.#outstanding--;
      const place = message.reply ? placeOf(message.reply) : undefined;
      if (place) this.#queue.push({ ...place, payload: message.data });
      else this.break("The server sent a message without its sequence.");
      this.#bell.ring();
    } else if (code === 408 || (code === 409 && /MaxBytes/i.test(message.headers?.description ?? ""))) {
      this.#outstanding = 0;
      this.#bell.ring();
    } else if (code !== 100) {
      this.break(`${code} ${message.headers?.description ?? ""}`.trim());
    }
  }
}

/** `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<sequence>.<consumer sequence>.<time>.<pending>…` */
function placeOf(reply: string): { sequence: number; pending: number } {
  const parts = reply.split(".");
  const at = parts.length === 9 ? 5 : 7;
  return { sequence: Number(parts[at]), pending: Number(parts[at + 3]) };
}
