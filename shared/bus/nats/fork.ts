import { type Database, select, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { DamagedEvent, journal, journalId, lastSeq } from "@stoa/journal";
import type { JetStreamManager } from "nats";
import { type ChainPlace, chainStart, journalChain } from "./chain.ts";
import type { NatsLink } from "./link.ts";
import { eventIn } from "./message.ts";
import { Pull, pullStart } from "./pull.ts";
import { chainAt, headOf, lastEvent, requestMs, streamOf } from "./stream.ts";

/** Where stream and journal begin to differ. */
export interface Fork {
  /** The last event that both have in common. */
  readonly after: number;
  /** Whether the events of both are of one journal. */
  readonly sameJournal: boolean;
}

/**
 * Finds where a stream and its journal begin to differ, anywhere: also where the events at both ends are the same, and
 * others lie between them. Undefined when the stream has no event that the journal lacks; it may be behind, or have lost
 * some. It reads the ids of the journal, and of the stream a few messages, or all when its relay has not chained them.
 */
export async function forkOf(link: NatsLink, service: ServiceName, db: Database): Promise<Fork | undefined> {
  const jsm = await link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  const head = await headOf(jsm, service);
  if (!head || head.last === 0) return undefined;
  const end = await lastEvent(jsm, service, head);
  const sameJournal = end === undefined || end.journalid === (await journalId(db));
  const last = await lastSeq(db);
  const chain = head.whole ? await chainAt(jsm, service, head.last) : undefined;
  // Events that the stream has lost prove nothing, unless there were more than the journal has.
  const common = chain === undefined ? await commonByReading(link, service, db, end?.sequence ?? 0) : undefined;
  const after = common ?? (await commonByChain(jsm, service, db, { seq: head.last, chain: chain ?? "" }));
  return sameJournal && head.last <= last && after >= (end?.sequence ?? 0)
    ? undefined
    : { after: Math.min(after, last), sameJournal };
}

/** The last event in common, by comparing chains: where two are the same, so is everything before. */
async function commonByChain(
  jsm: JetStreamManager,
  service: ServiceName,
  db: Database,
  end: ChainPlace,
): Promise<number> {
  let low = chainStart;
  let high = Math.min(end.seq, await lastSeq(db)) + 1;
  for (let seq = high - 1; high - low.seq > 1; seq = Math.floor((low.seq + high) / 2)) {
    const ours = await journalChain(db, low, seq);
    const theirs = seq === end.seq ? end.chain : await chainAt(jsm, service, seq);
    if (ours !== undefined && ours === theirs) low = { seq, chain: ours };
    else high = seq;
  }
  return low.seq;
}

/** The same by reading every event that the stream has, up to its last one. */
async function commonByReading(link: NatsLink, service: ServiceName, db: Database, last: number): Promise<number> {
  if (last === 0) return 0;
  const pull = await Pull.open(link, streamOf(service), pullStart({ after: 0 }));
  const { seq, event_id } = journal;
  try {
    for (;;) {
      const pulled = await pull.next(200, new AbortController().signal);
      const [from, to] = [pulled[0]?.sequence ?? 0, pulled.at(-1)?.sequence ?? 0];
      const rows = await db.query(select({ seq, event_id }, sql`from ${journal} where seq between ${from} and ${to}`));
      const ids = new Map(rows.map((row) => [row.seq, row.event_id]));
      for (const { sequence, payload } of pulled) {
        if (ids.get(sequence) !== idIn(service, sequence, payload)) return sequence - 1;
        if (sequence >= last) return sequence;
      }
    }
  } finally {
    pull.close();
  }
}

/** The id of the event in a message; null for one that cannot be read, which is not that of the journal either. */
function idIn(service: ServiceName, sequence: number, payload: Uint8Array): string | null {
  try {
    return eventIn(service, sequence, payload).id;
  } catch (error) {
    if (!(error instanceof DamagedEvent)) throw error;
    return null;
  }
}
