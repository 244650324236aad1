import type { Connection } from "./connection.ts";

const none: ReadonlySet<Connection> = new Set();

/** The open connections of a hub. */
export class Connections implements Iterable<Connection> {
  readonly #byUser = new Map<string, Set<Connection>>();
  #size = 0;
  #users: ReadonlySet<string> | undefined;

  get size(): number {
    return this.#size;
  }

  /** Who has one. The set is made anew when that changes, so that who reads keeps what it was then. */
  get users(): ReadonlySet<string> {
    this.#users ??= new Set(this.#byUser.keys());
    return this.#users;
  }

  /** Those of a user. */
  of(user_id: string): ReadonlySet<Connection> {
    return this.#byUser.get(user_id) ?? none;
  }

  add(connection: Connection): void {
    const { user_id } = connection.listener;
    const own = this.#byUser.get(user_id) ?? new Set();
    if (own.size === 0) this.#users = undefined;
    this.#byUser.set(user_id, own.add(connection));
    this.#size++;
  }

  /** Returns whether it was there. */
  delete(connection: Connection): boolean {
    const { user_id } = connection.listener;
    const own = this.#byUser.get(user_id);
    if (!own?.delete(connection)) return false;
    this.#size--;
    if (own.size === 0) {
      this.#byUser.delete(user_id);
      this.#users = undefined;
    }
    return true;
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (const own of this.#byUser.values()) yield* own;
  }
}
