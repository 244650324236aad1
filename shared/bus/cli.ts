import { computed, type Database, select, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { DamagedEvent, lastSeq } from "@stoa/journal";
import { getTableName } from "drizzle-orm";
import { damageLines } from "./damage-lines.ts";
import { cursorFault, journalEnd, type SourceEnd, streamEnd } from "./forks.ts";
import { forkOf } from "./nats/fork.ts";
import { type RebuiltStream, rebuildStream } from "./nats/rebuild-stream.ts";
import { createStream, headOf, requestMs, streamOf } from "./nats/stream.ts";
import { type Operated, type Operation, sourcesIn, the } from "./operation.ts";
import { type RebuildOptions, rebuildProjections } from "./rebuild.ts";
import { replay } from "./replay.ts";
import { damageLine, stopLine } from "./stop-line.ts";
import { cursors, deadLetters } from "./table.ts";

/**
 * `bun run events status`: shows journals, streams, cursors, dead letters, and events that cannot be read before which somebody
 * stands, or will. Returns whether all is in order.
 *
 * @param options `all`: looks for events that cannot be read in whole journals
 */
export async function showStatus(operation: Operation, { all = false } = {}): Promise<boolean> {
  const { operated, link, say } = operation;
  const jsm = await link?.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  let ok = true;
  for (const its of operated) {
    const { service, db, handlers } = its;
    const journal = await lastSeq(db);
    const head = jsm ? await headOf(jsm, service) : undefined;
    // The stream, which is read later, may have more by now; whether the journal lacks it is looked at below.
    if (jsm && !(head && head.last >= journal)) ok = false;
    say(`${service.padEnd(10)} journal ${journal}${jsm ? `, stream ${head ? head.last : "missing"}` : ""}`);
    const fork = link && (await forkOf(link, service, db));
    if (fork) {
      say(`${"".padEnd(10)} ${forkLine(service, fork.after)}`);
      ok = false;
    }
    for (const line of await damageLines(operation, its, { all, ...(head && { relayed: head.last }) })) {
      say(`${"".padEnd(10)} ${line}`);
      ok = false;
    }
    if (handlers.length === 0) continue;
    for (const row of await cursorRows(db)) {
      const end = await sourceEnd(operation, row.source);
      const lag = end === undefined ? "" : `, ${Math.max(0, end.last - row.seq)} behind`;
      say(`${"".padEnd(10)} applied ${row.seq} from ${row.source}${lag}, ${row.letters} parked`);
      const fault = end && (await cursorFault(row, end));
      if (fault) say(`${"".padEnd(10)} ${stopLine(service, row.source, fault)}`);
      if (fault || row.letters > 0) ok = false;
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

/** A service's cursors, and how many events of each source are parked. */
export async function cursorRows(db: Database) {
  const { source, journal_id, seq, event_id } = cursors;
  const letters = computed<number>(sql`(select count(*) from dead_letters d where d.source = ${source})`);
  return db.query(select({ source, journal_id, seq, event_id, letters }, sql`from ${cursors} order by ${source}`));
}

/** How the events of a service end, by its journal, or else by its stream; undefined when neither is at hand. */
async function sourceEnd({ databases, link }: Operation, service: ServiceName): Promise<SourceEnd | undefined> {
  const db = databases.get(service);
  if (db) return journalEnd(db);
  const jsm = await link?.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  return jsm && streamEnd(jsm, service);
}

const forkLine = (service: ServiceName, after: number) =>
  `The stream ${streamOf(service)} differs from the journal from event ${after + 1} on; run \`bun run events accept ${service}\`.`;

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

/**
 * `bun run events rebuild <service>`: builds its projections again and puts right what differs. It refuses to go on with
 * a source that was restored from a backup, because the reactions to its new events would be left out.
 */
export async function rebuildService(
  operation: Operation,
  service: ServiceName,
  reacted: Readonly<Partial<Record<ServiceName, number>>>,
): Promise<void> {
  const its = the(operation.operated, service);
  if (its.handlers.length === 0) throw new Error(`${service} follows no other service; it has no projections.`);
  for (const row of await cursorRows(its.db)) {
    const end = reacted[row.source] === undefined ? await sourceEnd(operation, row.source) : undefined;
    const fault = end && (await cursorFault(row, end));
    if (fault) throw new Error(stopLine(service, row.source, fault));
  }
  await rebuildAll(operation, its, reacted);
}

/**
 * Builds a service's projections again, and says what was wrong.
 *
 * @param restored for each source that was restored, the last event that it has in common with what was applied
 * @param judged the cursors for which that was found
 */
export async function rebuildAll(
  operation: Operation,
  { service, db, handlers, projections }: Operated,
  restored: NonNullable<RebuildOptions["restored"]>,
  judged?: NonNullable<RebuildOptions["judged"]>,
): Promise<void> {
  const { link, log, say, signal } = operation;
  const source = sourcesIn(operation);
  const options = { db, handlers, projections, source, restored, log, signal, ...(judged && { judged }) };
  const corrected = await rebuildProjections(options).catch((error: unknown) => {
    if (!(error instanceof DamagedEvent)) throw error;
    throw new Error(damageLine(`the rebuild of ${service}`, error), { cause: error });
  });
  for (const { table, holds } of projections) {
    const rows = corrected.get(getTableName(table)) ?? 0;
    const found = rows === 0 ? "nothing was wrong" : `${rows} ${rows === 1 ? "row was" : "rows were"} put right`;
    say(`${service.padEnd(10)} ${getTableName(table)}, ${holds}: ${found}`);
  }
  for (const [name, after] of Object.entries(restored)) {
    const when = link ? "the running service goes on, within seconds," : "it goes on when Stoa starts,";
    say(`${service.padEnd(10)} ${when} after event ${after} of ${name}`);
  }
}

/** `bun run events rebuild --stream <service>`: makes its stream again from its journal. */
export async function rebuildServiceStream(operation: Operation, service: ServiceName): Promise<void> {
  const { forkedAfter } = await remakeStream(operation, the(operation.operated, service));
  if (forkedAfter === undefined) return;
  const { say } = operation;
  say(
    `${"".padEnd(10)} The old stream had events after ${forkedAfter} that the journal lacks. For each service that follows`,
  );
  say(`${"".padEnd(10)} ${service}, run: bun run events rebuild <service> --reacted ${service}=${forkedAfter}`);
}

/** Makes a stream again, and says how far it is. */
export async function remakeStream(
  { link, log, say, signal }: Operation,
  { service, db }: Pick<Operated, "service" | "db">,
): Promise<RebuiltStream> {
  if (!link) throw new Error("There is no stream: NATS_URL is not set, so events are read from the journals.");
  const progress = (done: number, of: number) => say(`${streamOf(service).padEnd(10)} ${done} of ${of}`);
  const rebuilt = await rebuildStream({ service, db, link, log, progress, signal });
  say(`${streamOf(service).padEnd(10)} holds ${rebuilt.last} events`);
  return rebuilt;
}

/** `bun run events provision`: creates the streams that are missing. */
export async function provision({ link, say }: Operation, named: readonly ServiceName[] = services): Promise<void> {
  if (!link) throw new Error("There is nothing to provision: NATS_URL is not set.");
  const jsm = await link.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  for (const service of named) {
    const there = await headOf(jsm, service);
    if (!there) await createStream(jsm, service, link.replicas);
    say(`${streamOf(service).padEnd(10)} ${there ? "exists" : "created"}`);
  }
}
