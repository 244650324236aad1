import type { Envelope, ServiceName } from "@stoa/events";
import { DamagedEvent } from "@stoa/journal";
import { type JetStreamManager, NatsError, RetentionPolicy, StorageType, type StoredMsg } from "nats";
import { chainIn } from "./chain.ts";
import { eventIn } from "./message.ts";

/** The stream of a service: `IDENTITY`, `PROJECTS`, `MESSAGING`. */
export function streamOf(service: ServiceName): string {
  return service.toUpperCase();
}

/** What a stream holds. */
export interface StreamHead {
  /** The first sequence that the stream still has; greater than `last` when it has none. */
  readonly first: number;
  readonly last: number;
  /** Whether the stream has every sequence from 1 to `last`, and the first and the last can be read. */
  readonly whole: boolean;
  /** When the stream was created. */
  readonly created: Date;
  /** How many servers of the cluster keep it. */
  readonly replicas: number;
}

/** How long a request to JetStream may take; milliseconds. */
export const requestMs = 3_000;

/**
 * What a service's stream holds; undefined when the stream does not exist.
 *
 * A server whose files were taken away goes on counting and takes events that nobody can read. nats-server 2.9 does so by
 * itself: it forgets a stream before it deletes the files, and one that is made in between loses its own.
 */
export async function headOf(jsm: JetStreamManager, service: ServiceName): Promise<StreamHead | undefined> {
  try {
    const { config, created, state } = await jsm.streams.info(streamOf(service));
    const { first_seq: first, last_seq: last, messages } = state;
    const ends = messages === 0 ? [] : [first, last];
    const read = await Promise.all(ends.map((seq) => messageAt(jsm, service, seq)));
    const whole = messages === last && read.every(Boolean);
    return { first, last, whole, created: new Date(created), replicas: config.num_replicas };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Creates a service's stream on disk, without any limit that would discard an event. One that is there already stays: its
 * relay and a command may make it at the same moment, and of two requests at once nats-server now and then refuses the
 * second because of the stream of the first.
 */
export async function createStream(jsm: JetStreamManager, service: ServiceName, replicas = 1): Promise<void> {
  const add = () =>
    jsm.streams.add({
      name: streamOf(service),
      subjects: [`evt.${service}.>`],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: replicas,
    });
  try {
    await add();
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== SUBJECTS_OVERLAP) throw error;
    // With the stream of the first in place this succeeds; where another stream has the subjects, it fails again.
    await add();
  }
}

/** Lets so many servers of the cluster keep a service's stream. @throws NatsError when the cluster is too small */
export async function replicate(jsm: JetStreamManager, service: ServiceName, replicas: number): Promise<void> {
  await jsm.streams.update(streamOf(service), { num_replicas: replicas });
}

/** JetStream's error of a stream whose subjects another one has. */
const SUBJECTS_OVERLAP = 10065;

/** Deletes a service's stream, if it exists. */
export async function deleteStream(jsm: JetStreamManager, service: ServiceName): Promise<void> {
  try {
    await jsm.streams.delete(streamOf(service));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** How many events from the end on are looked for one by one. */
const nearEnd = 1_000;

/**
 * The last event that can still be read in a stream, even if it lost later ones; undefined when there is none. One that lost
 * more than a thousand is looked through in ever longer steps, so the event may be an earlier one.
 */
export async function lastEvent(
  jsm: JetStreamManager,
  service: ServiceName,
  { first, last }: StreamHead,
): Promise<Envelope | undefined> {
  let step = 1;
  for (let seq = last; seq >= first; seq -= step) {
    const event = await legibleAt(jsm, service, seq);
    if (event) return event;
    if (last - seq >= nearEnd) step *= 2;
  }
  return undefined;
}

/** The event at a sequence; undefined when there is none. @throws DamagedEvent when it cannot be read */
export async function eventAt(jsm: JetStreamManager, service: ServiceName, seq: number): Promise<Envelope | undefined> {
  const message = await messageAt(jsm, service, seq);
  return message && eventIn(service, seq, message.data);
}

/** The event at a sequence, for whoever goes on without it; undefined when there is none that can be read. */
export async function legibleAt(
  jsm: JetStreamManager,
  service: ServiceName,
  seq: number,
): Promise<Envelope | undefined> {
  try {
    return await eventAt(jsm, service, seq);
  } catch (error) {
    if (error instanceof DamagedEvent) return undefined;
    throw error;
  }
}

/** The chain of events up to a sequence, as its message carries it; undefined when it carries none, or is missing. */
export async function chainAt(jsm: JetStreamManager, service: ServiceName, seq: number): Promise<string | undefined> {
  return chainIn((await messageAt(jsm, service, seq))?.header);
}

async function messageAt(jsm: JetStreamManager, service: ServiceName, seq: number): Promise<StoredMsg | undefined> {
  try {
    return await jsm.streams.getMessage(streamOf(service), { seq });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether JetStream says that the stream, consumer or message does not exist. */
function isMissing(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.code === 404;
}
