import { breathe, type Database, DatabaseError, pause, violates } from "@stoa/db";
import type { Envelope, ServiceName } from "@stoa/events";
import { Backoff } from "./backoff.ts";
import { describeFailure } from "./dead-letter.ts";
import { type Handlers, handlersByEvent, type Plan, parkingPlan, planOf, positionAfter } from "./plan.ts";
import { moveCursor, type Position, readPosition, readSeq, selectFingerprint } from "./position.ts";
import { type Handler, JournalChanged, type Log } from "./types.ts";

/** How often an event is tried before it is parked. */
const maxTries = 5;

/** A batch does not begin after the cursor: the projection was emptied, or an event is missing. */
export class OutOfStep extends Error {
  override readonly name = "OutOfStep";
  constructor(readonly expected: number) {
    super(`Event ${expected} should have come next.`);
  }
}

/** What an applier works on, and whom it notifies. */
export interface ApplierOptions {
  readonly db: Database;
  readonly source: ServiceName;
  readonly handlers: readonly Handler[];
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Called after the position has moved, by this process or another. */
  readonly moved: (position: Position) => void;
}

type Outcome =
  | { readonly kind: "done" }
  /** Nothing was written, or the outcome is unknown; the position was read again. */
  | { readonly kind: "again" }
  | { readonly kind: "refused"; readonly statement: number; readonly error: DatabaseError };

/**
 * Applies one source's events to one database, with the cursor and the effects in one batch: each event once and in
 * order, however many processes try. An event that cannot be applied is parked after five tries, and later events of
 * its aggregate are parked behind it.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #handlers: Handlers;
  readonly #backoff = new Backoff(50, 2_000);
  #position: Position | undefined;
  /** Another instance moved the cursor last, so this one waits a moment and reads the position before it writes. */
  #standby = false;
  #away: { readonly reason: string; readonly writing: boolean } | undefined;

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#handlers = handlersByEvent(options.handlers);
  }

  /** Why the database cannot be written to at present; undefined when it can. */
  get away(): string | undefined {
    return this.#away?.reason;
  }

  /** Reads the position, and retries until the database answers. Undefined when the signal aborted first. */
  async refresh(): Promise<Position | undefined> {
    const { db, source, signal } = this.#options;
    while (!signal.aborted) {
      try {
        const position = await readPosition(db, source);
        this.#set(position);
        return position;
      } catch (error) {
        await this.#wentAway(error, false);
      }
    }
    return undefined;
  }

  /** Whether the cursor was set back, by a rebuild. If it was not, or cannot be read, the applier stays as it is. */
  async wasSetBack(): Promise<boolean> {
    const { db, source } = this.#options;
    const known = this.#position?.seq ?? 0;
    try {
      return (await readSeq(db, source)) < known;
    } catch (error) {
      if (error instanceof DatabaseError) return false;
      throw error;
    }
  }

  /**
   * Applies a batch. Resolves when the position is past it or the signal aborted.
   *
   * @returns whether anything was written besides the cursor
   * @throws OutOfStep, JournalChanged
   */
  async apply(batch: readonly Envelope[]): Promise<boolean> {
    const { signal } = this.#options;
    let effects = false;
    if (this.#standby) {
      this.#standby = false;
      await pause(20 + Math.random() * 80, signal);
      await this.refresh();
    }
    while (!signal.aborted) {
      const position = this.#position ?? (await this.refresh());
      const rest = position ? this.#restOf(batch, position) : [];
      if (!position || rest.length === 0) break;
      effects = (await this.#step(position, rest)) || effects;
      await breathe();
    }
    return effects;
  }

  #restOf(batch: readonly Envelope[], position: Position): Envelope[] {
    const rest = batch.filter((event) => event.sequence > position.seq);
    const foreign = rest.find((event) => event.journalid !== (position.journal_id ?? rest[0]?.journalid));
    if (foreign)
      throw JournalChanged.anotherJournal(this.#options.source, String(position.journal_id), foreign.journalid);
    const inStep = rest.every((event, index) => event.sequence === position.seq + 1 + index);
    if (!inStep) throw new OutOfStep(position.seq + 1);
    return rest;
  }

  /**
   * Applies as many events as it can in one write. When the write refuses one, the events before it, then that one.
   * Returns whether the events have any effect.
   */
  async #step(position: Position, events: readonly Envelope[]): Promise<boolean> {
    const plan = planOf(this.#handlers, position, events);
    let bad = 0;
    if (plan.events.length > 0) {
      const outcome = await this.#write(position, plan);
      if (outcome.kind !== "refused") return plan.statements.length > 0;
      bad = plan.owners[outcome.statement] ?? 0;
      if (bad > 0) {
        const before = await this.#write(position, planOf(this.#handlers, position, events.slice(0, bad)));
        if (before.kind !== "done") return true;
      }
    }
    const event = events[bad];
    if (event) await this.#alone(event);
    return true;
  }

  /** Tries one event five times, then parks it. */
  async #alone(event: Envelope): Promise<void> {
    const { log, signal, source } = this.#options;
    let attempts = 0;
    let error: unknown;
    let reacted = 0;
    for (;;) {
      const place = this.#position;
      if (!place || signal.aborted || place.seq !== event.sequence - 1) return;
      const position = { ...place, reacted: Math.max(place.reacted, reacted) };
      const parking = attempts === maxTries;
      const plan = parking
        ? parkingPlan(event, position, { error, attempts })
        : planOf(this.#handlers, position, [event]);
      const outcome = plan.thrown ? undefined : await this.#write(place, plan);
      if (outcome?.kind === "again") return;
      if (outcome?.kind === "done") {
        const at = { source, sequence: event.sequence, event_id: event.id, type: event.type };
        if (parking) log.error({ ...at, reason: describeFailure(error) }, parkedMessage);
        return;
      }
      // The event cannot even be parked, so the fault is the database's, and the event may be good.
      if (parking) return this.#wentAway(outcome?.error);
      error = outcome ? outcome.error : plan.thrown?.error;
      // The journal has an event of its reactions, whose ids are derived from it: they happened before, all in one batch.
      if (violates(error, "known_event") && position.reacted < event.sequence) {
        reacted = event.sequence;
        continue;
      }
      attempts++;
      if (attempts < maxTries) await pause(10 * 2 ** attempts, signal);
    }
  }

  async #write(position: Position, plan: Plan): Promise<Outcome> {
    const { db, source } = this.#options;
    const move = moveCursor(source, position, plan.events);
    try {
      const batch = [move, ...plan.statements, selectFingerprint(source)];
      // If the disk loses projections, they are applied again from the source's journal: the cursor is lost with them.
      const results = await db.write(batch, { relaxed: !plan.reacts });
      this.#set(positionAfter(position, plan, String(results.at(-1)?.rows[0]?.["fingerprint"])));
      return { kind: "done" };
    } catch (error) {
      const overtaken = overtaking.some((name) => violates(error, name));
      const refusal = overtaken ? undefined : refusalOf(error);
      if (refusal) return refusal;
      if (violates(error, "cursor_moved")) this.#standby = true;
      await (overtaken ? this.#backoff.wait(this.#options.signal) : this.#wentAway(error));
      await this.refresh();
      return { kind: "again" };
    }
  }

  #set(position: Position): void {
    const before = this.#position?.seq;
    this.#position = position;
    if (before !== position.seq || !this.#away?.writing) {
      this.#away = undefined;
      this.#backoff.reset();
    }
    if (before !== position.seq) this.#options.moved(position);
  }

  async #wentAway(error: unknown, writing = true): Promise<void> {
    const { log, signal, source } = this.#options;
    const reason = describeFailure(error);
    if (this.#away === undefined) log.warn({ source, reason }, "Events cannot be applied now; this is tried again.");
    this.#away = { reason, writing };
    await this.#backoff.wait(signal);
  }
}

const parkedMessage =
  "An event could not be applied and is parked; apply it with `bun run events replay` once that is fixed.";

/** The errors of the cursor's triggers when the position is no longer as it was read. */
const overtaking = ["cursor_moved", "dead_letters_changed", "journal_changed"];

/**
 * Which of a plan's statements the database refused; undefined when the database itself failed. For a value that the
 * driver cannot bind, the error names no statement. The first one is assumed then, because the events are tried one by
 * one afterwards.
 */
function refusalOf(error: unknown): Outcome | undefined {
  if (!(error instanceof DatabaseError) || (error.failure !== "constraint" && error.failure !== "other")) return;
  if (error.statementIndex === 0) return;
  return { kind: "refused", statement: (error.statementIndex ?? 1) - 1, error };
}
