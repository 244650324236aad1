import { SLOT_MS } from "./zone.ts";

/** A time in which something was so of a task; `until` is null while it still is. */
export type Spell<T> = T & {
  /** The number of the event that began it. */
  readonly row: number;
  readonly task_id: string;
  readonly since: number;
  readonly until: number | null;
};

/** A moment at which something changes: the number of the event, and from when it counts. */
export interface Moment {
  readonly seq: number;
  readonly at: number;
}

/**
 * The spells that begin and end on one page of the journal. One that is over within the quarter of an hour in which it
 * began contains no end of a day in any zone, so it is never kept.
 */
export class Spells<T extends object> {
  readonly #kept: Map<string, number>;
  readonly #present = new Map<string, Spell<T>>();
  readonly #past: Spell<T>[] = [];
  readonly #ended: { row: number; until: number }[] = [];

  /** @param kept the rows of the spells that have no end before this page, by task */
  constructor(kept: ReadonlyMap<string, number>) {
    this.#kept = new Map(kept);
  }

  /**
   * A task's spell ends, another begins, or both.
   *
   * @param before what was so of the task until now; undefined: nothing
   * @param after what is so from now on
   */
  change(task_id: string, before: T | undefined, after: T | undefined, { seq, at }: Moment): void {
    if (before === after || JSON.stringify(before) === JSON.stringify(after)) return;
    if (before) this.#end(task_id, at);
    if (after) this.#present.set(task_id, { ...after, row: seq, task_id, since: at, until: null });
  }

  /** The row of a task's spell that has no end; null when there is none. */
  rowOf(task_id: string): number | null {
    return this.#present.get(task_id)?.row ?? this.#kept.get(task_id) ?? null;
  }

  /** The spells from before this page that ended on it. */
  ended(): readonly { row: number; until: number }[] {
    return this.#ended;
  }

  /** The spells that began on this page. */
  begun(): Spell<T>[] {
    return [...this.#past, ...this.#present.values()];
  }

  #end(task_id: string, at: number): void {
    const spell = this.#present.get(task_id);
    const row = this.#kept.get(task_id);
    if (spell && slot(spell.since) !== slot(at)) this.#past.push({ ...spell, until: at });
    if (!spell && row !== undefined) this.#ended.push({ row, until: at });
    this.#present.delete(task_id);
    this.#kept.delete(task_id);
  }
}

const slot = (time: number) => Math.floor(time / SLOT_MS);
