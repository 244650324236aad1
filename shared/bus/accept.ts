import { nameOf, type ServiceName } from "@stoa/events";
import type { JetStreamManager } from "nats";
import { cursorRows, rebuildAll, remakeStream } from "./cli.ts";
import { commonEnd, cursorFault, journalEnd } from "./forks.ts";
import { forkOf } from "./nats/rebuild-stream.ts";
import { eventAt, headOf, requestMs } from "./nats/stream.ts";
import { missing, type Operation } from "./operation.ts";
import { sourcesOf } from "./types.ts";

/**
 * `bun run events accept <source>`: goes on with a source that was restored from a backup. Its stream is made again, and
 * each service that had applied more of it, or other events, forgets them: its projections are rebuilt, and its reactions
 * go on after the last event that both have in common. What the journal lost is listed.
 */
export async function acceptSource(operation: Operation, source: ServiceName): Promise<void> {
  const { databases, link, operated, say } = operation;
  const db = databases.get(source);
  if (!db) throw new Error(missing(source));
  const jsm = await link?.connection().jetstreamManager({ timeout: requestMs, checkAPI: false });
  const fork = jsm && (await forkOf(jsm, source, db));
  if (jsm && fork) {
    say(`${source.padEnd(10)} The journal lacks these events, which its stream has after ${fork.after}:`);
    for await (const line of lostEvents(jsm, source, fork.after)) say(`${"".padEnd(10)} ${line}`);
    await remakeStream(operation, { service: source, db });
  }
  for (const its of operated.filter(({ handlers }) => sourcesOf(handlers).includes(source))) {
    const cursor = (await cursorRows(its.db)).find((row) => row.source === source);
    const fault = cursor && (await cursorFault(cursor, await journalEnd(db)));
    if (!cursor || !fault) {
      say(`${its.service.padEnd(10)} applied nothing that the journal of ${source} lacks`);
      continue;
    }
    const after = fork ? Math.min(fork.after, cursor.seq) : await commonEnd(db, cursor);
    say(
      `${its.service.padEnd(10)} had applied ${cursor.seq - after} events of ${source} that the journal lacks, ${after + 1} to ${cursor.seq}; what it did about them stays`,
    );
    await rebuildAll(its, { reacted: { [source]: after }, forgotten: { [source]: after } }, say);
  }
}

/** The events that a stream has after a sequence, one a line, a hundred at most. */
async function* lostEvents(jsm: JetStreamManager, service: ServiceName, after: number): AsyncGenerator<string> {
  const last = (await headOf(jsm, service))?.last ?? 0;
  for (let seq = after + 1; seq <= Math.min(last, after + mostLines); seq++) {
    const event = await eventAt(jsm, service, seq);
    yield event ? `${seq} ${nameOf(event)} ${event.time} ${event.subject}` : `${seq} is missing`;
  }
  if (last > after + mostLines) yield `… and ${last - after - mostLines} more, up to ${last}`;
}

const mostLines = 100;
