import { computed, type Database, select, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { lastSeq } from "@stoa/journal";
import { getTableName } from "drizzle-orm";
import type { NatsLink } from "./nats/link.ts";
import { rebuildStream } from "./nats/rebuild-stream.ts";
import { createStream, headOf, requestMs, streamOf } from "./nats/stream.ts";
import { rebuildProjections } from "./rebuild.ts";
import { replay } from "./replay.ts";
import { cursors, deadLetters } from "./table.ts";
import { type Handler, type Log, type Projection, sourcesOf } from "./types.ts";

/** A service that the operator's commands work on. */
export interface Operated {
  readonly service: ServiceName;
  readonly db: Database;
  readonly handlers: readonly Handler[];
  readonly projections: readonly Projection[];
}

/** What the commands work on. */
export interface Operation {
  /** The services whose databases could be opened. */
  readonly operated: readonly Operated[];
  /** The connection to NATS; absent when events travel in process. */
  readonly link?: NatsLink;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** `bun run events status`: shows journals, streams, cursors and dead letters. Returns whether all is in order. */
export async function showStatus({ operated, link, say }: Operation): Promise<boolean> {
  const jsm = await link?.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  const ends = new Map<string, number>();
  for (const service of services) {
    const db = operated.find((its) => its.service === service)?.db;
    const end = db ? await lastSeq(db) : (jsm && (await headOf(jsm, service)))?.last;
    if (end !== undefined) ends.set(service, end);
  }
  let ok = true;
  for (const { service, db, handlers } of operated) {
    const journal = ends.get(service) ?? 0;
    const head = jsm ? await headOf(jsm, service) : undefined;
    if (jsm && head?.last !== journal) ok = false;
    say(`${service.padEnd(10)} journal ${journal}${jsm ? `, stream ${head ? head.last : "missing"}` : ""}`);
    if (handlers.length === 0) continue;
    for (const row of await cursorRows(db)) {
      const end = ends.get(row.source);
      const lag = end === undefined ? "" : `, ${Math.max(0, end - row.seq)} behind`;
      say(`${"".padEnd(10)} applied ${row.seq} from ${row.source}${lag}, ${row.letters} parked`);
      if (row.letters > 0) ok = false;
    }
    const { source, sequence, type, error } = deadLetters;
    const parked = select(
      { source, sequence, type, error },
      sql`from ${deadLetters} where behind = 0 order by source, sequence limit 20`,
    );
    for (const row of await db.query(parked)) {
      say(`${"".padEnd(10)} parked ${row.source} ${row.sequence} ${row.type}: ${row.error}`);
    }
  }
  return ok;
}

async function cursorRows(db: Database) {
  const { source, seq } = cursors;
  const letters = computed<number>(sql`(select count(*) from dead_letters d where d.source = ${source})`);
  return db.query(select({ source, seq, letters }, sql`from ${cursors} order by ${source}`));
}

/** `bun run events replay`: applies parked events in order. Returns whether none is left. */
export async function replayParked({ operated, say }: Operation): Promise<boolean> {
  let ok = true;
  for (const { service, db, handlers } of operated) {
    if (handlers.length === 0) continue;
    const { applied, left, failures } = await replay(db, handlers);
    say(`${service.padEnd(10)} applied ${applied}, ${left} still parked`);
    for (const { source, sequence, type, error } of failures) {
      say(`${"".padEnd(10)} ${source} ${sequence} ${type}: ${error}`);
    }
    if (left > 0) ok = false;
  }
  return ok;
}

/** `bun run events rebuild <service>`: empties its projections; its projectors fill them again. */
export async function rebuildService(
  { operated, say }: Operation,
  service: ServiceName,
  reacted: Readonly<Partial<Record<ServiceName, number>>>,
): Promise<void> {
  const { db, handlers, projections } = the(operated, service);
  if (handlers.length === 0) throw new Error(`${service} follows no other service; it has no projections.`);
  const sources = sourcesOf(handlers);
  await rebuildProjections(db, { projections: projections.map(({ table }) => table), sources, reacted });
  for (const { table, holds } of projections) say(`${service.padEnd(10)} emptied ${getTableName(table)}: ${holds}`);
  say(
    `${service.padEnd(10)} projections are empty; the running service applies all events of ${sources.join(", ")} again`,
  );
}

/** `bun run events rebuild --stream <service>`: makes its stream again from its journal. */
export async function rebuildServiceStream(operation: Operation, service: ServiceName): Promise<void> {
  const { operated, link, log, say, signal } = operation;
  if (!link) throw new Error("There is no stream: NATS_URL is not set, so events are read from the journals.");
  const { db } = the(operated, service);
  const progress = (done: number, of: number) => say(`${streamOf(service).padEnd(10)} ${done} of ${of}`);
  const { last, forkedAfter } = await rebuildStream({ service, db, link, log, progress, signal });
  say(`${streamOf(service).padEnd(10)} holds ${last} events`);
  if (forkedAfter === undefined) return;
  say(
    `${"".padEnd(10)} The old stream had events after ${forkedAfter} that the journal lacks. For each service that follows`,
  );
  say(`${"".padEnd(10)} ${service}, run: bun run events rebuild <service> --reacted ${service}=${forkedAfter}`);
}

/** `bun run events provision`: creates the streams that are missing. */
export async function provision({ link, say }: Operation, named: readonly ServiceName[] = services): Promise<void> {
  if (!link) throw new Error("There is nothing to provision: NATS_URL is not set.");
  const jsm = await link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  for (const service of named) {
    const there = await headOf(jsm, service);
    if (!there) await createStream(jsm, service);
    say(`${streamOf(service).padEnd(10)} ${there ? "exists" : "created"}`);
  }
}

function the(operated: readonly Operated[], service: ServiceName): Operated {
  const found = operated.find((its) => its.service === service);
  if (!found) throw new Error(`There is no database of ${service} here; set ${service.toUpperCase()}_DATABASE_URL.`);
  return found;
}
