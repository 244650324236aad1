import { breathe, computed, type Database, DatabaseError, pause, select, sql } from "@stoa/db";
import type { Envelope, ServiceName } from "@stoa/events";
import { envelopesOf, type JournalPage, journal, journalPage, lastSeq } from "@stoa/journal";
import { Backoff } from "./backoff.ts";
import { Bell } from "./bell.ts";
import { JournalWatch } from "./journal-watch.ts";
import { type EventSource, JournalChanged, type Log, type StartAt, type Transport } from "./types.ts";

/** How often a follower reads even if the watch reports no move; milliseconds. */
const idleMs = 30_000;

/**
 * How long a follower lets events come together when nothing came of those before; milliseconds. A follower of tasks to
 * whom most events mean nothing else than that its cursor moves would read a page and write its cursor for every one.
 */
const gatherMs = 25;

/**
 * The shortest time between two reads when something came of the events; milliseconds. An event after a rest is read at once.
 * Of those that come faster, each page has several: what they set off is one commit. Once a page has had several, the next
 * waits longer, because a page costs as much as five of its events.
 */
const spacingMs = 8;
const burstSpacingMs = 20;

/**
 * Events without a NATS server: each source reads its service's journal. For one process that has all databases open.
 * What this process writes is seen at once; what another process writes, within 250 ms over HTTP and within half a second
 * in a file.
 */
export function inProcess(databases: Readonly<Partial<Record<ServiceName, Database>>>, log: Log): Transport {
  const closed = new AbortController();
  const away = new Set<ServiceName>();
  return {
    kind: "in-process",
    connected: () => away.size === 0,
    close: async () => closed.abort(),
    source: (service) => {
      const db = databases[service];
      if (!db) throw new TypeError(`The in-process transport has no database of ${service}.`);
      return journalSource(service, db, JournalWatch.of(db), closed.signal, (failure) => {
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
      const { after, event_id } = "after" in start ? start : {};
      const followed: Followed = { journal_id: start.journal_id, after, event_id };
      let rested = 0;
      try {
        while (!until.aborted) {
          const began = performance.now();
          const page = await read();
          if (!page) continue;
          if (page.events.length > 0) {
            const effects = await deliver(page.events);
            const burst = page.events.length > 1;
            rested = began + (effects === false ? gatherMs : burst ? burstSpacingMs : spacingMs);
            const after = moveOn(followed, page.events);
            behind?.(page.end - after, true);
            await breathe();
          }
          // Whoever wanted no more than what stands before it is done.
          if (page.damaged && !until.aborted) {
            behind?.(page.end - (followed.after ?? 0), false);
            throw page.damaged;
          }
          if (page.end > (followed.after ?? 0)) continue;
          behind?.(0, true);
          await bell.wait(idleMs, until);
          const early = rested - performance.now();
          if (early > 0) await pause(early, until);
        }
      } finally {
        deaf();
      }

      async function read() {
        try {
          followed.after ??= await startOf(db, start);
          const page = await journalPage(db, followed.after, 100);
          health(null);
          backoff.reset();
          const { journal_id, rows, end } = page;
          const changed = changeIn(service, followed, page);
          if (changed) {
            behind?.(Math.max(1, end - followed.after), false);
            throw changed;
          }
          followed.journal_id = journal_id;
          return { ...envelopesOf(service, journal_id, followed.after, rows), end };
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

/** What a follower has read so far. */
interface Followed {
  journal_id: string | null | undefined;
  /** The last sequence delivered; undefined until it is known when reading began at a time. */
  after: number | undefined;
  /** The event at `after`, if it is known. */
  event_id: string | null | undefined;
}

/** Notes that these events were delivered. Returns the sequence of the last one. */
function moveOn(followed: Followed, events: readonly Envelope[]): number {
  const last = events.at(-1);
  followed.after = last?.sequence ?? followed.after;
  followed.event_id = last?.id ?? followed.event_id;
  return followed.after ?? 0;
}

/** What a journal has no longer of what was read from it; undefined when it has all. */
function changeIn(service: ServiceName, followed: Followed, page: JournalPage): JournalChanged | undefined {
  const { journal_id, after = 0, event_id } = followed;
  if (journal_id && journal_id !== page.journal_id) {
    return JournalChanged.anotherJournal(service, journal_id, page.journal_id);
  }
  if (page.end < after) return JournalChanged.ended(service, page.end, after);
  if (after > 0 && page.event_id !== (event_id ?? page.event_id)) return JournalChanged.anotherEvent(service, after);
  return undefined;
}

/** The sequence to read after. Clocks differ, so a later row may have an earlier time: reading begins at the first. */
async function startOf(db: Database, start: StartAt): Promise<number> {
  if ("after" in start) return start.after;
  const first = computed<number | null>(sql`min(seq)`);
  const [row] = await db.query(select({ first }, sql`from ${journal} where ${journal.time} >= ${start.since}`));
  return row?.first ? row.first - 1 : lastSeq(db);
}
