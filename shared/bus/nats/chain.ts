import { createHash } from "node:crypto";
import { type Database, select, sql } from "@stoa/db";
import { journal } from "@stoa/journal";
import { headers, type MsgHdrs } from "nats";

/**
 * The header of a stream's message with its place in the chain of events: a hash over the ids of all events up to it. Two
 * streams, or a stream and a journal, that agree at one place agree everywhere before it.
 */
const header = "Stoa-Chain";

/** A place in a chain. */
export interface ChainPlace {
  readonly seq: number;
  readonly chain: string;
}

/** Where every chain begins. */
export const chainStart: ChainPlace = { seq: 0, chain: "" };

/** The chain with one event more: the first 128 bits of a SHA-256. */
export function chained(chain: string, event_id: string): string {
  return createHash("sha256").update(`${chain} ${event_id}`).digest("hex").slice(0, 32);
}

/** The headers of a message with its chain. */
export function chainHeaders(chain: string): MsgHdrs {
  const made = headers();
  made.set(header, chain);
  return made;
}

/** The chain that a message carries; undefined for one that has none. */
export function chainIn(found: MsgHdrs | undefined): string | undefined {
  return found?.get(header) || undefined;
}

/** How many ids of a journal are read at a time. */
const page = 5_000;

/**
 * Computes the chain of a journal at a sequence, from a place before it whose chain is known.
 *
 * @returns undefined when the journal does not reach that sequence
 */
export async function journalChain(db: Database, from: ChainPlace, to: number): Promise<string | undefined> {
  let { seq, chain } = from;
  const { event_id } = journal;
  while (seq < to) {
    const next = sql`from ${journal} where seq > ${seq} and seq <= ${to} order by seq limit ${page}`;
    const rows = await db.query(select({ event_id }, next));
    if (rows.length === 0) return undefined;
    for (const row of rows) chain = chained(chain, row.event_id);
    seq += rows.length;
  }
  return chain;
}
