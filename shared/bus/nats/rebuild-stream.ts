import { type Database, newId, pause, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { eventIdAt, journalId, lastSeq } from "@stoa/journal";
import type { JetStreamManager } from "nats";
import type { Log } from "../types.ts";
import type { NatsLink } from "./link.ts";
import { startRelay } from "./relay.ts";
import { createStream, deleteStream, eventAt, headOf, lastEvent, requestMs } from "./stream.ts";

/** What became of a stream. */
export interface RebuiltStream {
  /** How many events are in it now. */
  readonly last: number;
  /**
   * Set when the old stream had events that the journal lacks, because the database was restored from a backup: the
   * last sequence that both had in common. The journal was given a new id, so that consumers notice.
   */
  readonly forkedAfter?: number;
}

/** What rebuilding works on. */
export interface RebuildStreamOptions {
  readonly service: ServiceName;
  readonly db: Database;
  readonly link: NatsLink;
  readonly log: Log;
  /** Called every second with how many of how many events are in the stream. */
  readonly progress?: (done: number, of: number) => void;
  readonly signal: AbortSignal;
}

/** Makes a service's stream again from its journal, also while its own relay runs. The cursors of consumers stay. */
export async function rebuildStream(options: RebuildStreamOptions): Promise<RebuiltStream> {
  const { service, db, link, log, progress, signal } = options;
  const jsm = await link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  const fork = await forkOf(jsm, service, db);
  if (fork?.sameJournal) await db.write([sql`update journal_identity set journal_id = ${newId()}`]);
  await deleteStream(jsm, service);
  await createStream(jsm, service);
  const relay = startRelay({ service, db, link, log });
  try {
    for (let told = performance.now(); !signal.aborted; ) {
      const [end, last] = [(await headOf(jsm, service))?.last ?? 0, await lastSeq(db)];
      if (end >= last) return { last: end, ...(fork ? { forkedAfter: fork.after } : {}) };
      if (performance.now() - told >= 1_000) {
        progress?.(end, last);
        told = performance.now();
      }
      await pause(100, signal);
    }
    throw new Error("The stream is not complete yet; the service's relay goes on filling it.");
  } finally {
    await relay.stop();
  }
}

/** Finds where stream and journal begin to differ; undefined when they agree at both ends. */
export async function forkOf(jsm: JetStreamManager, service: ServiceName, db: Database) {
  const head = await headOf(jsm, service);
  if (!head || head.last === 0) return undefined;
  const [journal, last] = [await journalId(db), await lastSeq(db)];
  const end = await lastEvent(jsm, service, head);
  const sameJournal = end === undefined || end.journalid === journal;
  const agree = async (seq: number) => {
    const event = await eventAt(jsm, service, seq);
    return event !== undefined && event.id === (await eventIdAt(db, seq));
  };
  // Events that the stream has lost prove nothing, so the first and the last one that it still has are compared.
  const bothEnds = async () => !end || ((await agree(end.sequence)) && (await agree(head.first)));
  if (sameJournal && head.last <= last && (await bothEnds())) return undefined;
  let [after, before] = [0, Math.min(head.last, last) + 1];
  while (before - after > 1) {
    const middle = Math.floor((after + before) / 2);
    if (await agree(middle)) after = middle;
    else before = middle;
  }
  return { after, sameJournal };
}
