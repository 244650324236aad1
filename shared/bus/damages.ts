import { breathe, type Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { DamagedEvent, journalPage, legible } from "@stoa/journal";
import type { NatsLink } from "./nats/link.ts";
import { eventIn } from "./nats/message.ts";
import { Pull, pullStart } from "./nats/pull.ts";
import { requestMs, streamOf } from "./nats/stream.ts";

/** How many rows are looked at in one read. */
const PAGE = 500;

/** The events of a journal after a `seq` that cannot be read, or are missing, in order. */
export async function* damagesIn(db: Database, service: ServiceName, after: number): AsyncGenerator<DamagedEvent> {
  for (let at = after; ; ) {
    const { rows } = await journalPage(db, at, PAGE);
    if (rows.length === 0) return;
    const { events, damaged } = legible(service, at, rows, (row) => row.seq);
    if (damaged) yield damaged;
    at = damaged?.seq ?? events.at(-1) ?? at;
    await breathe();
  }
}

/** The first of them; undefined when all can be read. */
export async function firstDamage(
  db: Database,
  service: ServiceName,
  after: number,
): Promise<DamagedEvent | undefined> {
  for await (const damaged of damagesIn(db, service, after)) return damaged;
  return undefined;
}

/** The first event of a stream after a sequence that cannot be read, or is missing, up to its end. */
export async function firstDamageOfStream(
  link: NatsLink,
  service: ServiceName,
  { after, last }: { readonly after: number; readonly last: number },
): Promise<DamagedEvent | undefined> {
  if (after >= last) return undefined;
  const pull = await Pull.open(link, streamOf(service), pullStart({ after }));
  try {
    for (let next = after + 1; next <= last; ) {
      const missing = () => new DamagedEvent({ service, seq: next, in: "stream" }, "missing");
      const pulled = await pull.next(200, AbortSignal.timeout(requestMs));
      // The stream says that it goes on, and nothing comes.
      if (pulled.length === 0) return missing();
      for (const { sequence, payload } of pulled) {
        if (sequence !== next) return missing();
        eventIn(service, sequence, payload);
        next++;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof DamagedEvent) return error;
    throw error;
  } finally {
    pull.close();
  }
}
