/** Hashing and judging of passwords: slow and native, so the root gives it (Workers have none). */
export interface Passwords {
  /**
   * @returns a PHC string, argon2id
   * @throws StoaError `unavailable` when too many wait already
   */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the hashed one; hashes of other systems are taken within bounds (`stored-hash.ts`). Null,
   * a user without a password or no user at all, takes the work of one of our own and is never right.
   *
   * @throws StoaError `unavailable` when too many wait already
   */
  verify(password: string, hash: string | null): Promise<boolean>;
  /** Whether a hash is as `hash` makes them now; one of another system or cost is replaced at the next login. */
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
  /** What makes it weak, a key of `weaknesses`; null when nothing stands out. */
  readonly weakness: string | null;
}
