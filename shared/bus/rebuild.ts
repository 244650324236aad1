import { type Database, type Sql, violates } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import type { CursorPlace } from "./forks.ts";
import { Beside } from "./rebuild/beside.ts";
import { differences } from "./rebuild/differences.ts";
import { KeyedTable } from "./rebuild/keyed-table.ts";
import { hold, moveTo, type Places, placesOf, setBack } from "./rebuild/place.ts";
import { type EventSource, type Handler, type Log, type Projection, sourcesOf } from "./types.ts";

/** What to rebuild. */
export interface RebuildOptions {
  readonly db: Database;
  /** The handlers of the service; those of projections are used. */
  readonly handlers: readonly Handler[];
  readonly projections: readonly Projection[];
  /** The events of a service, from the first on. */
  readonly source: (service: ServiceName) => EventSource;
  /**
   * Needed only after a source's database was restored from a backup: the last event that it has in common with what was
   * applied before. The cursor goes back to it, and reactions are done again after it.
   */
  readonly restored?: Readonly<Partial<Record<ServiceName, number>>>;
  /** The cursors of restored sources for which that was found; those that stand when the rebuild begins unless given. */
  readonly judged?: readonly CursorPlace[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The cursor of a restored source stands elsewhere than where it was judged, so that its reactions would be done twice. */
export class CursorMoved extends Error {
  override readonly name = "CursorMoved";

  constructor(readonly source: ServiceName) {
    super(`The cursor of ${source} has moved since it was looked at, and was left where it is; run the command again.`);
  }
}

/** How many rows of each table were wrong, by its name. */
export type Rebuilt = ReadonlyMap<string, number>;

/** How many rows one batch puts right: few enough that no request waits long behind it. */
const mostRows = 5_000;

/** How often a batch may be refused in a row until it sets the cursors back by what came meanwhile. */
const mostRefusals = 20;

/**
 * Builds a service's projections beside those that are read, from the first event up to the cursors, then puts right
 * the rows that differ, in one batch (more than 5,000 rows: in several). So no reader ever finds a projection empty or
 * half full, and a rebuild that is killed has changed nothing, or has put some rows right. Projectors may run meanwhile:
 * a batch is refused when a cursor has moved, and begins again with the events that came; when it never rests, the events
 * of the last moment are applied twice. Reactions are not repeated, and parked events stay parked.
 *
 * @throws JournalChanged when a source has fewer events than were applied
 * @throws CursorMoved when somebody else has gone on with a restored source
 * @throws Error when an event that was applied cannot be applied any more; nothing was changed
 */
export async function rebuildProjections(options: RebuildOptions): Promise<Rebuilt> {
  const { db, restored = {} } = options;
  const judged = options.judged ?? cursorsOf(await placesOf(db, Object.keys(restored) as ServiceName[]));
  for (;;) {
    const rebuilt = await rebuildOnce({ ...options, judged });
    if (rebuilt) return rebuilt;
  }
}

/** Undefined when an event was parked or replayed meanwhile, so that other events have to be applied. */
async function rebuildOnce(
  options: RebuildOptions & Required<Pick<RebuildOptions, "judged">>,
): Promise<Rebuilt | undefined> {
  const { db, judged, restored = {} } = options;
  const handlers = options.handlers.filter(({ kind }) => kind === "projection");
  const sources = [...new Set([...sourcesOf(handlers), ...(Object.keys(restored) as ServiceName[])])];
  const first = await placesOf(db, sources);
  const goals = (places: Places) => [...places].map(([source, { seq }]) => [source, restored[source] ?? seq] as const);
  const plans = options.projections.map(({ table, kept }) => ({
    table: new KeyedTable(table),
    // A restored source may lack the events of rows that must not go.
    onlyMissing: kept === true && Object.keys(restored).length > 0,
    keys: new Set<string>(),
    corrected: 0,
  }));
  const { log, signal, source } = options;
  const tables = plans.map(({ table }) => table);
  const until = new Map(goals(first));
  const beside = await Beside.open({ live: db, tables, handlers, sourceOf: source, until, log, signal });
  try {
    for (const [service, goal] of goals(first)) await beside.reach(service, goal);
    await beside.noteChanges();
    for (const plan of plans) {
      plan.keys = await differences(plan.table, db, beside.db, plan);
      plan.corrected = plan.keys.size;
    }
    for (let refusals = 0; ; ) {
      const places = await placesOf(db, sources);
      requireJudged(places, judged);
      if (sources.some((each) => places.get(each)?.fingerprint !== first.get(each)?.fingerprint)) return undefined;
      for (const [service, goal] of goals(places)) await beside.reach(service, goal);
      for (const plan of plans) for (const key of await beside.changes(plan.table)) plan.keys.add(key);
      const { statements, taken, last } = await nextBatch(plans, beside);
      const restless = refusals >= mostRefusals;
      const held = [...places].flatMap(([service, place]) =>
        restless && restored[service] === undefined ? [setBack(service, place)] : hold(service, place),
      );
      const ending = last ? await ends(places, restored, beside) : [];
      if (!(await written(db, [...held, ...statements, ...ending]))) {
        refusals++;
        continue;
      }
      refusals = 0;
      for (const [plan, keys] of taken) for (const key of keys) plan.keys.delete(key);
      if (!last) continue;
      return new Map(plans.map((plan) => [plan.table.name, plan.corrected]));
    }
  } finally {
    beside.close();
  }
}

function cursorsOf(places: Places): CursorPlace[] {
  return [...places].map(([source, { journal_id, seq, event_id }]) => ({
    source,
    journal_id: journal_id ?? "",
    seq,
    event_id,
  }));
}

function requireJudged(places: Places, judged: readonly CursorPlace[]): void {
  for (const { source, journal_id, seq, event_id } of judged) {
    const place = places.get(source);
    const same = place?.seq === seq && place.event_id === event_id && (place.journal_id ?? "") === journal_id;
    if (!same) throw new CursorMoved(source);
  }
}

interface TablePlan {
  readonly table: KeyedTable;
  readonly onlyMissing: boolean;
  /** The keys of the rows that are still to be put right. */
  keys: Set<string>;
  corrected: number;
}

/** The statements that put the next rows right, and whether none is left after them. */
async function nextBatch(plans: readonly TablePlan[], { db }: Beside) {
  const statements: Sql[] = [];
  const taken: [TablePlan, string[]][] = [];
  let room = mostRows;
  for (const plan of plans) {
    const keys = [...plan.keys].slice(0, room);
    room -= keys.length;
    taken.push([plan, keys]);
    for await (const statement of plan.table.copies(keys, db, plan)) statements.push(statement);
  }
  return { statements, taken, last: taken.every(([plan, keys]) => keys.length === plan.keys.size) };
}

/** Sets the cursors of restored sources. */
async function ends(places: Places, restored: RebuildOptions["restored"] = {}, beside: Beside): Promise<Sql[]> {
  const moves: Sql[] = [];
  for (const [source, place] of places) {
    const to = restored[source];
    if (to !== undefined) moves.push(...moveTo(source, place, await beside.reach(source, to)));
  }
  return moves;
}

/** Whether a batch was written; not when a cursor has moved, or something was parked or replayed. */
async function written(db: Database, batch: readonly Sql[]): Promise<boolean> {
  try {
    await db.write(batch);
    return true;
  } catch (error) {
    if (["cursor_moved", "journal_changed", "dead_letters_changed"].some((name) => violates(error, name))) return false;
    throw error;
  }
}
