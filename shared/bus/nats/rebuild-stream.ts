import { type Database, newId, pause, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { journalId, lastSeq } from "@stoa/journal";
import type { Log } from "../types.ts";
import { type Fork, forkOf } from "./fork.ts";
import type { NatsLink } from "./link.ts";
import { startRelay } from "./relay.ts";
import { createStream, deleteStream, headOf, requestMs } from "./stream.ts";

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
  const fork = await parted(options);
  await deleteStream(jsm, service);
  await createStream(jsm, service, link.replicas);
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

/**
 * Where the old stream has events that the journal lacks. Its journal has another id then than those: a new one, once, whoever
 * makes the stream again at the same time. With a second one, consumers would stop that go on with the first.
 */
async function parted({ service, db, link }: RebuildStreamOptions): Promise<Fork | undefined> {
  for (;;) {
    const known = await journalId(db);
    const fork = await forkOf(link, service, db);
    if (!fork?.sameJournal) return fork;
    const [renamed] = await db.write([
      sql`update journal_identity set journal_id = ${newId()} where journal_id = ${known}`,
    ]);
    if (renamed.changes === 1) return fork;
  }
}
