import { type Database, select, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { type DamagedEvent, lastSeq } from "@stoa/journal";
import { damagesIn, firstDamage, firstDamageOfStream } from "./damages.ts";
import { headOf, requestMs } from "./nats/stream.ts";
import type { Operated, Operation } from "./operation.ts";
import { damageLine } from "./stop-line.ts";
import { cursors } from "./table.ts";
import { sourcesOf } from "./types.ts";

/**
 * How many of the last events of a journal are looked at although nobody has a cursor there: streams go on from any of
 * the last ten thousand, and every start reads those of a token's lifetime.
 */
const RECENT = 10_000;

/** How many events of a whole journal are named. */
const MOST = 100;

/** What is looked at of a service. */
export interface DamageOptions {
  /** Whether the whole journal is looked at, whoever has read it. */
  readonly all: boolean;
  /** The last sequence in the service's stream, where there is one. */
  readonly relayed?: number;
}

/**
 * Says who stands, or will stand, before which event that cannot be read: the relay and the other readers of a service's
 * journal, and the service itself as it follows others. A line for each.
 */
export async function damageLines(operation: Operation, its: Operated, options: DamageOptions): Promise<string[]> {
  const own = await ownLines(operation, its, options);
  const followed = await followedLines(operation, its);
  return [...new Set([...own, ...followed])];
}

async function ownLines({ link }: Operation, { service, db, readers = [] }: Operated, { all, relayed }: DamageOptions) {
  const lines: string[] = [];
  const named = new Set<number>();
  const say = (consumer: string, damaged: DamagedEvent | undefined) => {
    if (!damaged) return;
    named.add(damaged.seq);
    lines.push(damageLine(consumer, damaged));
  };
  if (link) say(`the relay of ${service}`, await firstDamage(db, service, relayed ?? 0));
  for (const { consumer, at } of readers) {
    const after = await at(db);
    if (after !== undefined) say(consumer, await firstDamage(db, service, after));
  }
  const from = all ? 0 : Math.max(0, (await lastSeq(db)) - RECENT);
  for await (const damaged of damagesIn(db, service, from)) {
    if (named.has(damaged.seq)) continue;
    named.add(damaged.seq);
    lines.push(`${damaged.message} ${damaged.cure}`);
    if (lines.length >= MOST) break;
  }
  return lines;
}

/** The first event that a service cannot read of each source that it follows, from its cursor on. */
async function followedLines(operation: Operation, { service, db, handlers }: Operated): Promise<string[]> {
  const lines: string[] = [];
  for (const source of sourcesOf(handlers)) {
    const damaged = await damageFor(operation, source, await placeOf(db, source));
    if (damaged) lines.push(damageLine(service, damaged));
  }
  return lines;
}

async function placeOf(db: Database, source: ServiceName): Promise<number> {
  const { seq } = cursors;
  const [row] = await db.query(select({ seq }, sql`from ${cursors} where ${cursors.source} = ${source}`));
  return row?.seq ?? 0;
}

/** Over NATS a service reads the stream; in process, the journal. */
async function damageFor({ databases, link }: Operation, source: ServiceName, after: number) {
  if (link) {
    const jsm = await link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
    const head = await headOf(jsm, source);
    return head && firstDamageOfStream(link, source, { after: Math.max(after, head.first - 1), last: head.last });
  }
  const db = databases.get(source);
  return db && firstDamage(db, source, after);
}
