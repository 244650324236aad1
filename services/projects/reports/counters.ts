import type { Grain } from "./table.ts";
import { SLOT_MS } from "./zone.ts";

/** What tells the slots of one counter from those of another. */
type Key = Readonly<Record<string, string>>;

const grains: readonly Grain[] = [15, 1440];

/** A grain's slot at a moment. */
export const slotAt = (grain: Grain, time: number) => Math.floor((time / SLOT_MS) * (15 / grain));

/** The sums of what changed on one page of the journal, by counter and slot, in both grains. */
export class Counters<K extends Key, C extends string> {
  readonly #columns: readonly C[];
  readonly #slots = new Map<string, { key: K; grain: Grain; slot: number; numbers: Map<C, number> }>();

  /** The slots that were added to last: one event adds to several columns of the same. */
  #last: { readonly name: string; readonly at: number; readonly slots: readonly Map<C, number>[] } = {
    name: "",
    at: Number.NaN,
    slots: [],
  };

  /** @param columns everything that is counted */
  constructor(columns: readonly C[]) {
    this.#columns = columns;
  }

  add(key: K, at: number, column: C, by: number): void {
    if (by === 0) return;
    const name = Object.values(key).join(" ");
    if (name !== this.#last.name || at !== this.#last.at) {
      this.#last = { name, at, slots: grains.map((grain) => this.#numbersOf(key, name, grain, slotAt(grain, at))) };
    }
    for (const numbers of this.#last.slots) numbers.set(column, (numbers.get(column) ?? 0) + by);
  }

  /**
   * The slots in which anything has changed, as rows of a table: also where it came to nothing in the end, so that the
   * rows do not depend on where pages begin.
   */
  rows(): object[] {
    return [...this.#slots.values()].map(({ key, grain, slot, numbers }) => {
      const columns = this.#columns.map((column) => [column, numbers.get(column) ?? 0]);
      return { ...key, grain, slot, ...Object.fromEntries(columns) };
    });
  }

  #numbersOf(key: K, its: string, grain: Grain, slot: number): Map<C, number> {
    const name = `${grain} ${slot} ${its}`;
    let found = this.#slots.get(name);
    if (!found) {
      found = { key, grain, slot, numbers: new Map() };
      this.#slots.set(name, found);
    }
    return found.numbers;
  }
}
