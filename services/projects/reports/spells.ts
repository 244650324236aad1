import { SLOT_MS } from "./zone.ts";

/** A time in which something was so; `until` is null while it still is. */
export type Spell<T> = T & { readonly task_id: string; readonly since: number; readonly until: number | null };

/**
 * The spells that begin and end on one page of the journal. One that is over within the quarter of an hour in which it
 * began contains no end of a day in any zone, so it is never kept.
 */
export class Spells<T extends object> {
  readonly #present = new Map<string, Spell<T>>();
  readonly #past: Spell<T>[] = [];
  readonly #ended = new Map<string, number>();

  /**
   * A task's spell ends, another begins, or both.
   *
   * @param before what was so of the task until now; undefined: nothing
   * @param after what is so from now on
   */
  change(task_id: string, before: T | undefined, after: T | undefined, at: number): void {
    if (before === after || (before && after && same(before, after))) return;
    if (before) this.#end(task_id, at);
    if (after) this.#present.set(task_id, { ...after, task_id, since: at, until: null });
  }

  /** The spells from before this page that ended on it. */
  ended(): { task_id: string; until: number }[] {
    return [...this.#ended].map(([task_id, until]) => ({ task_id, until }));
  }

  /** The spells that began on this page. */
  begun(): Spell<T>[] {
    return [...this.#past, ...this.#present.values()];
  }

  #end(task_id: string, at: number): void {
    const spell = this.#present.get(task_id);
    if (!spell) this.#ended.set(task_id, at);
    else if (Math.floor(spell.since / SLOT_MS) !== Math.floor(at / SLOT_MS)) this.#past.push({ ...spell, until: at });
    this.#present.delete(task_id);
  }
}

function same(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
