/** Hashing and judging of passwords: slow and native, so the root gives it (Workers have none). */
export interface Passwords {
  /**
   * @returns a PHC string, argon2id
   * @throws StoaError `unavailable` when too many wait already
   */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the hashed one. Null, a user without a password or no user at all, takes the same work
   * and is never right.
   *
   * @throws StoaError `unavailable` when too many wait already
   */
  verify(password: string, hash: string | null): Promise<boolean>;
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
