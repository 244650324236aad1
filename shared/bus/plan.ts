import type { Sql } from "@stoa/db";
import { type Envelope, type EventName, nameOf } from "@stoa/events";
import { park } from "./dead-letter.ts";
import { type Position, waitsBehind } from "./position.ts";
import type { Handler } from "./types.ts";

/** Handlers by the event they handle, in the order in which they were listed. */
export type Handlers = ReadonlyMap<EventName, readonly Handler[]>;

/** What one write applies, without the statement that moves the cursor. */
export interface Plan {
  readonly events: readonly Envelope[];
  readonly statements: readonly Sql[];
  /** For each statement, the index of its event. */
  readonly owners: readonly number[];
  /** The events that are parked instead of applied. */
  readonly parked: readonly Envelope[];
  /** Whether a reaction writes something, whose own events other services may read before they are on disk. */
  readonly reacts: boolean;
  /** What the handler of the event after these threw, if it did. */
  readonly thrown?: { readonly error: unknown };
}

/**
 * Collects the statements of some events from the handlers. Events of parked aggregates are parked too, events without
 * a handler need none, and the plan ends before an event whose handler throws.
 */
export function planOf(handlers: Handlers, position: Position, events: readonly Envelope[]): Plan {
  const statements: Sql[] = [];
  const owners: number[] = [];
  const parked: Envelope[] = [];
  let reacts = false;
  for (const [index, event] of events.entries()) {
    const reactions_due = event.sequence > position.reacted;
    const taking = handlers.get(nameOf(event));
    if (!taking) continue;
    if (waitsBehind(position, event)) {
      statements.push(park(event, { failure: null, reactions_due }));
      parked.push(event);
    } else {
      try {
        const made = effectsOf(taking, event, reactions_due);
        statements.push(...made.flatMap(({ effects }) => effects));
        reacts ||= made.some(({ kind, effects }) => kind === "reaction" && effects.length > 0);
      } catch (error) {
        return { events: events.slice(0, index), statements, owners, parked, reacts, thrown: { error } };
      }
    }
    while (owners.length < statements.length) owners.push(index);
  }
  return { events, statements, owners, parked, reacts };
}

/** The statements of an event's handlers: those of projections always, those of reactions only if they are due. */
export function statementsFor(handlers: readonly Handler[], event: Envelope, reactions_due: boolean): Sql[] {
  return effectsOf(handlers, event, reactions_due).flatMap(({ effects }) => effects);
}

function effectsOf(handlers: readonly Handler[], event: Envelope, reactions_due: boolean) {
  return handlers
    .filter(({ kind }) => kind === "projection" || reactions_due)
    .map((handler) => ({ kind: handler.kind, effects: handler.apply(event) }));
}

/** The plan that parks one event after it failed. */
export function parkingPlan(
  event: Envelope,
  position: Position,
  failure: { readonly error: unknown; readonly attempts: number },
): Plan {
  const letter = park(event, { failure, reactions_due: event.sequence > position.reacted });
  return { events: [event], statements: [letter], owners: [0], parked: [event], reacts: false };
}

/** The position once a plan has been written. */
export function positionAfter(position: Position, plan: Plan, fingerprint: string): Position {
  const last = plan.events.at(-1);
  const parked = new Map(position.parked);
  for (const event of plan.parked) {
    parked.set(event.subject, Math.min(parked.get(event.subject) ?? event.sequence, event.sequence));
  }
  return {
    journal_id: last?.journalid ?? position.journal_id,
    seq: last?.sequence ?? position.seq,
    event_id: last?.id ?? position.event_id,
    reacted: Math.max(position.reacted, last?.sequence ?? 0),
    fingerprint,
    parked,
  };
}

/** Groups handlers by the event they handle. */
export function handlersByEvent(handlers: readonly Handler[]): Handlers {
  return Map.groupBy(handlers, (handler) => handler.event);
}
