/** Hashes and rates passwords. It is slow and native, so the process's entry point provides it; Workers have none. */
export interface Passwords {
  /**
   * @returns a PHC string, argon2id
   * @throws StoaError `unavailable` when too many wait already
   */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the hashed one; hashes of other systems are accepted within bounds (`stored-hash.ts`). With
   * null, for a user without a password or no user at all, it takes the work of one of our own and is never right.
   *
   * @throws StoaError `unavailable` when too many wait already
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether a hash is one that `hash` would make now; one of another system or cost is replaced at the next login. */
  isPresent(hash: string): boolean;
  /**
   * How hard a password is to guess, from 0 to 4, and which weakness was found.
   *
   * @param known what an attacker would try first: the user's e-mail, username, name
   */
  estimate(password: string, known: readonly string[]): Promise<Strength>;
}

/** How hard a password is to guess. */
export interface Strength {
  readonly score: number;
  /** What makes it weak, a key of `weaknesses`; null when there is no single weakness. */
  readonly weakness: string | null;
}
