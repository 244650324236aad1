import { breathe, computed, type Database, DatabaseError, select, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { envelopeOf, journal, journalId, lastSeq } from "@stoa/journal";
import { Bell } from "./bell.ts";
import { journalPage } from "./journal-page.ts";
import { JournalWatch } from "./journal-watch.ts";
import { Backoff } from "./pause.ts";
import { type EventSource, JournalChanged, type Log, type StartAt, type Transport } from "./types.ts";

/** How often a follower reads even if the watch reports no move; milliseconds. */
const idleMs = 30_000;

/**
 * Events without a NATS server: each source reads its service's journal. For one process that has all databases open.
 * What this process writes is seen at once; what another process writes, within 250 ms over HTTP and within half a second
 * in a file.
 */
export function inProcess(databases: Readonly<Partial<Record<ServiceName, Database>>>, log: Log): Transport {
  const closed = new AbortController();
  const away = new Set<ServiceName>();
  const watches = new Map<Database, JournalWatch>();
  return {
    kind: "in-process",
    connected: () => away.size === 0,
    close: async () => closed.abort(),
    source: (service) => {
      const db = databases[service];
      if (!db) throw new TypeError(`The in-process transport has no database of ${service}.`);
      const watch = watches.get(db) ?? new JournalWatch(db);
      watches.set(db, watch);
      return journalSource(service, db, watch, closed.signal, (failure) => {
        if (!failure) return away.delete(service);
        if (!away.has(service)) log.warn({ service, failure: failure.failure }, "The journal cannot be read.");
        return away.add(service);
      });
    },
  };
}

function journalSource(
  service: ServiceName,
  db: Database,
  watch: JournalWatch,
  closed: AbortSignal,
  health: (failure: DatabaseError | null) => void,
): EventSource {
  return {
    service,
    async follow(start, deliver, signal, behind) {
      const until = AbortSignal.any([signal, closed]);
      const backoff = new Backoff(100, 5_000);
      const bell = new Bell();
      const deaf = watch.wake(bell);
      let journal: string | undefined;
      let after: number | undefined;
      try {
        while (!until.aborted) {
          const page = await read();
          if (!page) continue;
          if (page.events.length > 0) {
            await deliver(page.events);
            after = page.end;
            behind?.(page.last - page.end);
            await breathe();
          }
          if (page.last > page.end) continue;
          behind?.(0);
          await bell.wait(idleMs, until);
        }
      } finally {
        deaf();
      }

      async function read() {
        try {
          journal ??= await theJournal(service, db, start);
          after ??= await startOf(db, start);
          const id = journal;
          const rows = await journalPage(db, after, 100);
          const events = rows.map((row) => envelopeOf(service, id, row));
          const end = rows.at(-1)?.seq ?? after;
          const last = rows.length === 0 ? end : await lastSeq(db);
          health(null);
          backoff.reset();
          return { events, end, last };
        } catch (error) {
          if (!(error instanceof DatabaseError)) throw error;
          health(error);
          await backoff.wait(until);
          return undefined;
        }
      }
    },
  };
}

async function theJournal(service: ServiceName, db: Database, start: StartAt): Promise<string> {
  const id = await journalId(db);
  if (start.journal_id && start.journal_id !== id) throw new JournalChanged(service, start.journal_id, id);
  return id;
}

/** The sequence to read after. Clocks differ, so a later row may have an earlier time: reading begins at the first. */
async function startOf(db: Database, start: StartAt): Promise<number> {
  if ("after" in start) return start.after;
  const first = computed<number | null>(sql`min(seq)`);
  const [row] = await db.query(select({ first }, sql`from ${journal} where ${journal.time} >= ${start.since}`));
  return row?.first ? row.first - 1 : lastSeq(db);
}
