/** What is known of a user or a session that a token's claims do not say. */
export interface Override {
  /** The session has ended, or the user is disabled or erased. */
  readonly revoked: boolean;
  /** Present when changed after the token was signed. */
  readonly is_superuser?: boolean;
  readonly roles?: readonly string[];
}

/**
 * The sessions that ended and the users that changed within one token lifetime. In memory on Bun (fed by
 * identity's events), a table on Workers.
 */
export interface Revocations {
  /** @param issuedAt `iat` of the token, seconds since 1970 */
  lookup(user_id: string, session_id: string, issuedAt: number): Override | undefined | Promise<Override | undefined>;
}
