import type { Viewer } from "./typing.ts";

/** Who wants to know of whom. */
export class Subscribers {
  readonly #of = new Map<string, Set<Viewer>>();

  /** Those who want to know of a user. */
  of(user_id: string): readonly Viewer[] {
    return [...(this.#of.get(user_id) ?? [])];
  }

  add(user_id: string, viewer: Viewer): void {
    this.#of.set(user_id, (this.#of.get(user_id) ?? new Set()).add(viewer));
  }

  remove(user_id: string, viewer: Viewer): void {
    const own = this.#of.get(user_id);
    own?.delete(viewer);
    if (own?.size === 0) this.#of.delete(user_id);
  }
}
