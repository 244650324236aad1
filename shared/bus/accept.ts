import { nameOf, type ServiceName } from "@stoa/events";
import type { JetStreamManager } from "nats";
import { cursorRows, rebuildAll, remakeStream } from "./cli.ts";
import { type CursorPlace, commonEnd, cursorFault, journalEnd } from "./forks.ts";
import { forkOf } from "./nats/fork.ts";
import { headOf, legibleAt, requestMs } from "./nats/stream.ts";
import { missing, type Operated, type Operation } from "./operation.ts";
import { CursorMoved } from "./rebuild.ts";
import { sourcesOf } from "./types.ts";

/**
 * `bun run events accept <source>`: goes on with a source that was restored from a backup. Its stream is made again, and
 * each service that had applied more of it, or other events, forgets them: its projections are rebuilt, and its reactions
 * go on after the last event that both have in common. What the journal lost is listed. When such a service follows
 * another source that was restored too, that one is accepted with it. Of two commands at once, one does it.
 */
export async function acceptSource(operation: Operation, source: ServiceName): Promise<void> {
  const { databases, operated, say } = operation;
  if (!databases.has(source)) throw new Error(missing(source));
  const forks: Forks = new Map();
  await acceptStream(operation, source, forks);
  const followers = operated.filter(({ handlers }) => sourcesOf(handlers).includes(source));
  if (followers.length === 0) say(`${source.padEnd(10)} no service follows it, so nothing is rebuilt`);
  for (const its of followers) {
    while (!(await acceptIn(operation, its, source, forks)));
  }
}

/** Has a service forget what the journals of restored sources lack. False when somebody else has moved its cursors meanwhile. */
async function acceptIn(operation: Operation, its: Operated, source: ServiceName, forks: Forks): Promise<boolean> {
  const { restored, judged } = await restoredFor(operation, its, forks);
  if (judged.length === 0) {
    operation.say(`${its.service.padEnd(10)} applied nothing that the journal of ${source} lacks`);
    return true;
  }
  try {
    await rebuildAll(operation, its, restored, judged);
    return true;
  } catch (error) {
    if (error instanceof CursorMoved) return false;
    throw error;
  }
}

/** The last event that stream and journal of each source had in common; undefined where they agreed. */
type Forks = Map<ServiceName, number | undefined>;

/**
 * Makes a stream again if it has other events than its journal, and lists those. It does so too if the stream is gone: the
 * service's relay remembers what was in it, and does not fill it from a journal that lacks that.
 */
async function acceptStream(operation: Operation, source: ServiceName, forks: Forks): Promise<number | undefined> {
  const { databases, link, say } = operation;
  const db = databases.get(source);
  if (!db || forks.has(source)) return forks.get(source);
  const jsm = await link?.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  const fork = link && (await forkOf(link, source, db));
  forks.set(source, fork?.after);
  if (!jsm || (!fork && (await headOf(jsm, source))?.whole)) return undefined;
  if (fork) {
    say(`${source.padEnd(10)} The journal lacks these events, which its stream has after ${fork.after}:`);
    for await (const line of lostEvents(jsm, source, fork.after)) say(`${"".padEnd(10)} ${line}`);
  }
  await remakeStream(operation, { service: source, db });
  return fork?.after;
}

/**
 * The sources of which a service has applied what their journals lack: the last event in common of each, and the cursor for
 * which that is so.
 */
async function restoredFor(operation: Operation, { service, db }: Operated, forks: Forks) {
  const restored: Partial<Record<ServiceName, number>> = {};
  const judged: CursorPlace[] = [];
  for (const { source, ...cursor } of await cursorRows(db)) {
    const journal = operation.databases.get(source);
    if (!journal) continue;
    const faulty = async () => cursorFault({ source, ...cursor }, await journalEnd(journal));
    if (!forks.has(source) && !(await faulty())) continue;
    const fork = await acceptStream(operation, source, forks);
    // A stream that was made again may have given the journal a new id.
    if (!(await faulty())) continue;
    const after = fork === undefined ? await commonEnd(journal, { source, ...cursor }) : Math.min(fork, cursor.seq);
    operation.say(
      `${service.padEnd(10)} had applied ${cursor.seq - after} events of ${source} that the journal lacks, ${after + 1} to ${cursor.seq}; what it did about them stays`,
    );
    restored[source] = after;
    judged.push({ source, ...cursor });
  }
  return { restored, judged };
}

/** The events that a stream has after a sequence, one a line, a hundred at most. */
async function* lostEvents(jsm: JetStreamManager, service: ServiceName, after: number): AsyncGenerator<string> {
  const last = (await headOf(jsm, service))?.last ?? 0;
  for (let seq = after + 1; seq <= Math.min(last, after + mostLines); seq++) {
    const event = await legibleAt(jsm, service, seq);
    yield event ? `${seq} ${nameOf(event)} ${event.time} ${event.subject}` : `${seq} is missing, or cannot be read`;
  }
  if (last > after + mostLines) yield `… and ${last - after - mostLines} more, up to ${last}`;
}

const mostLines = 100;
